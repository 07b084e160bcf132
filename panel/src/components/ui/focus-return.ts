/**
 * Notes what has the focus, and where it stands.
 * @returns a function that gives it the focus again, unless something else has it: what is gone by then leaves it to
 * the heading of its card, and a card that is gone to the page's.
 */
export function focusReturnMake(element: Element | null): () => void {
  const card = element?.closest('section') ?? null;
  return () => {
    if (document.activeElement !== document.body) return;
    const places = [element, card?.querySelector('h2'), document.querySelector('h1')];
    const place = places.find((candidate) => candidate?.isConnected === true);
    if (place instanceof HTMLElement) place.focus();
  };
}
