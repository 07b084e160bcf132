/** A page's code could not be loaded: the server is away, or it was upgraded since this tab was opened. */
export class PageLoadError extends Error {
  constructor(options: ErrorOptions) {
    super('This page could not be loaded. Check your connection, then try again.', options);
    this.name = 'PageLoadError';
  }
}

/**
 * For `lazyRouteComponent`: loads a page's code.
 * The router reloads the whole document when a dynamic import fails by itself. With the server away, that would
 * replace the panel by the browser's own error page; an error of ours goes to the page's error component instead.
 * @throws PageLoadError
 */
export function pageLoad<Module>(load: () => Promise<Module>): () => Promise<Module> {
  return () =>
    load().catch((cause: unknown) => {
      throw new PageLoadError({ cause });
    });
}
