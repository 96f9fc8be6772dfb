// Filters the rows, findings and charts of the page. Without scripts the page is whole and unfiltered.
(() => {
  "use strict";
  const box = document.getElementById("search");
  const status = document.getElementById("search-status");
  const folded = (text) =>
    text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/\s+/g, " ");
  const items = [...document.querySelectorAll("[data-row]")].map((element) => ({
    element,
    text: folded(
      (element.closest("[data-group]")?.querySelector("[data-name]")?.textContent ?? "") +
        " " + element.textContent,
    ),
    folds: [...element.querySelectorAll("details")],
  }));
  const groups = [...document.querySelectorAll("[data-group]")];

  const filter = () => {
    const words = folded(box.value).trim().split(" ").filter(Boolean);
    let found = 0;
    for (const { element, text, folds } of items) {
      const match = words.every((word) => text.includes(word));
      element.hidden = !match;
      found += match;
      for (const fold of folds) {
        // A match inside a folded list would otherwise not be seen.
        const inside = folded(fold.textContent);
        fold.open = match && words.some((word) => inside.includes(word));
      }
    }
    for (const fold of document.querySelectorAll("[data-fold]")) {
      fold.open = words.length > 0 && fold.querySelector("[data-row]:not([hidden])") !== null;
    }
    for (const group of groups) {
      group.hidden = words.length > 0 && !group.querySelector("[data-row]:not([hidden])");
    }
    // What is left may stand far above a reader who searched from the end of the page.
    if (words.length > 0) document.querySelector("main").scrollIntoView();
    status.textContent =
      words.length === 0
        ? ""
        : found === 0
          ? "No row or chart on this page matches."
          : `${found} of ${items.length} rows and charts match.`;
  };

  box.addEventListener("input", filter);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      box.value = "";
      filter();
    }
  });
  window.addEventListener("beforeprint", () => {
    for (const fold of document.querySelectorAll("details")) fold.open = true;
  });
  document.getElementById("search-bar").hidden = false;
})();
