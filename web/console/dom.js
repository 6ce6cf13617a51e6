/**
 * Makes elements. Text goes in as text, never as HTML: names and origins come from strangers.
 *
 * @param {string} tag
 * @param {Record<string, string | boolean>} properties
 * @param {...(Node | string)} children
 * @returns {HTMLElement}
 */
export function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}
