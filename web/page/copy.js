/**
 * Copy buttons: each element with data-copy="ID" copies the text of that element.
 */

const FEEDBACK_MS = 2000;

/** @param {Element} announcement Where a screen reader is told that it worked. */
export function offerCopies(announcement) {
  for (const button of document.querySelectorAll("[data-copy]")) {
    const source = document.getElementById(button.dataset.copy);
    const label = button.textContent.trim();
    let timer;
    button.addEventListener("click", async () => {
      const copied = await copy(source);
      button.textContent = copied ? "Copied" : "Selected";
      button.dataset.done = "";
      announcement.textContent = copied
        ? "Copied"
        : "The text is selected; copy it with the keyboard";
      clearTimeout(timer);
      timer = setTimeout(() => {
        button.textContent = label;
        delete button.dataset.done;
        announcement.textContent = "";
      }, FEEDBACK_MS);
    });
  }
}

/** Copies an element's text. Where the browser does not permit that, selects it and says false. */
async function copy(element) {
  try {
    await navigator.clipboard.writeText(element.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(element);
    return false;
  }
}
