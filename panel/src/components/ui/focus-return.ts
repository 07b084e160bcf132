/**
 * Remembers the focused element and its place in the page.
 * @returns a function that focuses it again, unless another element has the focus. If the element is gone, the heading
 * of its card gets the focus; if the card is gone, the heading of the page.
 */
export function focusReturnCreate(element: Element | null): () => void {
  const card = element?.closest('section') ?? null;
  return () => {
    if (document.activeElement !== document.body) return;
    const places = [element, card?.querySelector('h2'), document.querySelector('h1')];
    const place = places.find((candidate) => candidate?.isConnected === true);
    if (place instanceof HTMLElement) place.focus();
  };
}
