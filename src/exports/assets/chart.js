"use strict";
// The interactive chart. Places come from the page's own data, and the panel shows copies of
// the tables that stand further down, so that screen, paper and a page without scripts agree.
(function () {
  const data = JSON.parse(document.getElementById("chart-data").textContent);
  const stage = document.getElementById("stage");
  const canvas = document.getElementById("canvas");
  const panel = document.getElementById("panel");
  const search = document.getElementById("search");
  const font = "Helvetica, Arial, Liberation Sans, sans-serif";
  document.documentElement.classList.add("js");
  stage.hidden = false;

  const elements = [];
  for (const node of data.nodes) {
    elements.push({
      group: "nodes",
      data: Object.assign({ id: "e" + node.at, entity: node.at }, node),
      position: { x: node.x, y: node.y },
      classes: "entity" + (node.centre ? " centre" : ""),
    });
    elements.push({
      group: "nodes",
      data: { id: "t" + node.at, text: node.tag, stroke: node.stroke, of: node.at },
      position: { x: node.x, y: node.tag_y },
      classes: "tag",
    });
  }
  for (const tie of data.ties) {
    elements.push({
      group: "nodes",
      data: Object.assign({ id: "l" + tie.at, tie: tie.at, text: tie.text }, tie.label),
      position: { x: tie.label.x, y: tie.label.y },
      classes: "label " + tie.label.align,
    });
    for (const part of tie.parts) {
      elements.push({
        group: "edges",
        data: Object.assign({ tie: tie.at, look: tie.look }, part),
        classes: "tie" + (part.arrow ? " arrow" : ""),
      });
    }
  }
  const of = (key) => (element) => element.data(key);
  const look = (key) => (element) => element.data("look")[key];
  const cy = cytoscape({
    container: canvas,
    elements,
    layout: { name: "preset" },
    autoungrabify: true,
    boxSelectionEnabled: false,
    minZoom: 0.05,
    maxZoom: 4,
    style: [
      { selector: "node", style: { "font-family": font, "text-wrap": "wrap", "text-valign": "center", "text-halign": "center", "color": "#1a1a1a" } },
      { selector: ".entity", style: {
        "width": of("w"), "height": of("h"), "shape": of("shape"), "label": of("text"),
        "text-margin-y": of("text_down"),
        "font-size": 13, "line-height": 1.23, "background-color": of("fill"), "border-color": of("stroke"),
        "border-width": of("border"), "border-style": of("line"), "z-index": 2 } },
      { selector: ".entity[points]", style: { "shape-polygon-points": of("points") } },
      { selector: ".centre", style: { "font-weight": "bold", "outline-width": 1.6, "outline-offset": 4, "outline-color": of("stroke") } },
      { selector: ".tag", style: {
        "events": "no", "width": 1, "height": 1, "background-opacity": 0, "label": of("text"),
        "font-size": 8.5, "font-weight": "bold", "color": of("stroke"), "z-index": 4 } },
      { selector: ".label", style: {
        "shape": "rectangle", "width": of("w"), "height": of("h"), "background-opacity": 0, "border-width": 0,
        "label": of("text"), "font-size": 11, "line-height": 1.18, "text-margin-y": of("shift"), "z-index": 3,
        "text-outline-color": "#fff", "text-outline-width": 2 } },
      { selector: "edge", style: {
        "width": look("width"), "line-color": look("stroke"), "line-style": look("line"),
        "line-dash-pattern": look("dash"), "curve-style": "segments", "edge-distances": "endpoints",
        "segment-distances": of("distances"), "segment-weights": of("weights"),
        "source-endpoint": of("from"), "target-endpoint": of("to"), "z-index": 1 } },
      { selector: ".arrow", style: {
        "target-arrow-shape": "triangle", "target-arrow-color": look("stroke"), "target-arrow-fill": look("fill"),
        "arrow-scale": look("scale") } },
      { selector: ".dim", style: { "opacity": 0.16 } },
      { selector: "node.entity.chosen", style: { "underlay-color": "#ffb000", "underlay-opacity": 0.65, "underlay-padding": 8 } },
      { selector: "node.label.chosen", style: { "font-weight": "bold" } },
      { selector: "edge.chosen", style: { "underlay-color": "#ffb000", "underlay-opacity": 0.5, "underlay-padding": 5 } },
    ],
  });

  function element(name, text, className) {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  }
  function heading(text) {
    const made = element("h2", text);
    made.tabIndex = -1;
    return made;
  }
  function pick(small, text, act) {
    const button = element("button", undefined, "pick");
    button.type = "button";
    button.append(element("small", small), element("bdi", text));
    button.addEventListener("click", act);
    return button;
  }
  function show(parts) {
    panel.replaceChildren(...parts);
    panel.scrollTop = 0;
  }
  function mark(chosen, near) {
    cy.batch(function () {
      cy.elements().removeClass("chosen dim");
      if (!chosen) return;
      cy.elements().not(near).addClass("dim");
      near.filter(".entity").forEach((node) => cy.getElementById("t" + node.data("entity")).removeClass("dim"));
      chosen.addClass("chosen");
    });
  }
  const tieParts = (at) => cy.elements("[tie = " + at + "]");

  function showTie(at, centre) {
    const tie = data.ties.find((one) => one.at === at);
    const article = document.getElementById("tie-" + at).cloneNode(true);
    const title = heading("");
    title.append(...article.querySelector("h3").childNodes);
    const rest = [...article.children].filter((child) => child.tagName !== "H3");
    const back = element("p");
    if (tie) {
      const ends = cy.getElementById("e" + tie.from).union(cy.getElementById("e" + tie.to));
      mark(tieParts(at), tieParts(at).union(ends));
      if (centre) cy.center(tieParts(at).union(ends));
    } else {
      mark(null);
      back.append("This tie is beyond what the picture shows.");
    }
    const list = element("button", "All entities and ties");
    list.type = "button";
    list.addEventListener("click", showAll);
    back.append(list);
    show([title, ...rest, back]);
    return title;
  }
  function showEntity(at, centre) {
    const article = document.getElementById("entity-" + at).cloneNode(true);
    const title = heading(article.querySelector("h3").textContent);
    for (const link of article.querySelectorAll("a[data-tie]")) {
      const tie = Number(link.dataset.tie);
      link.addEventListener("click", function (event) {
        event.preventDefault();
        showTie(tie, false).focus();
      });
    }
    const rest = [...article.children].filter((child) => child.tagName !== "H3");
    const node = cy.getElementById("e" + at);
    if (node.nonempty()) {
      const ties = cy.collection(cy.elements("[tie]").filter(function (one) {
        const tie = data.ties.find((other) => other.at === one.data("tie"));
        return tie.from === at || tie.to === at;
      }));
      let near = ties.union(node);
      for (const tie of data.ties) {
        if (tie.from === at || tie.to === at) {
          near = near.union(cy.getElementById("e" + tie.from)).union(cy.getElementById("e" + tie.to));
        }
      }
      mark(node, near);
      if (centre) {
        if (cy.zoom() < 0.7) cy.zoom(0.9);
        cy.center(node);
      }
    } else {
      mark(null);
    }
    show([title, ...rest]);
    return title;
  }
  function found(words) {
    const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
    const holds = (text) => wanted.every((word) => text.toLowerCase().includes(word));
    return data.entities.filter((entity) => holds(entity.tag + " " + entity.name + " " + entity.more));
  }
  function entityButtons(entities) {
    return entities.map((entity) => pick(entity.tag, entity.name, function () {
      showEntity(entity.at, true).focus();
    }));
  }
  function showFound() {
    if (!search.value.trim()) return showAll();
    const entities = found(search.value);
    const nodes = cy.collection(entities.map((entity) => cy.getElementById("e" + entity.at)[0]).filter(Boolean));
    mark(nodes, nodes);
    const count = entities.length === 1 ? "1 entity" : entities.length + " entities";
    show([heading(count + " found"), ...entityButtons(entities)]);
  }
  function showAll() {
    mark(null);
    const ties = data.names.map((tie) => pick(tie.ends, tie.text, function () {
      showTie(tie.at, true).focus();
    }));
    show([
      heading("Entities"),
      element("p", "Select an entity or a tie here or in the picture; a tie shows the records behind it.", "what"),
      ...entityButtons(data.entities),
      heading("Ties"),
      ...ties,
    ]);
  }
  function fit() { cy.fit(undefined, 18); }
  function zoomBy(factor) {
    cy.zoom({ level: cy.zoom() * factor, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } });
  }
  function clear() { search.value = ""; showAll(); }

  cy.on("tap", "[tie]", (event) => showTie(event.target.data("tie"), false));
  cy.on("tap", ".entity", (event) => showEntity(event.target.data("entity"), false));
  cy.on("tap", (event) => { if (event.target === cy) clear(); });
  cy.on("mouseover", "node, edge", () => { canvas.style.cursor = "pointer"; });
  cy.on("mouseout", "node, edge", () => { canvas.style.cursor = ""; });
  search.addEventListener("input", showFound);
  search.addEventListener("keydown", function (event) {
    if (event.key === "Enter") {
      const first = found(search.value)[0];
      if (first && search.value.trim()) showEntity(first.at, true);
    } else if (event.key === "Escape") {
      clear();
    }
  });
  document.getElementById("zoom-in").addEventListener("click", () => zoomBy(1.25));
  document.getElementById("zoom-out").addEventListener("click", () => zoomBy(0.8));
  document.getElementById("fit").addEventListener("click", fit);
  document.getElementById("clear").addEventListener("click", clear);
  canvas.addEventListener("keydown", function (event) {
    const act = {
      ArrowLeft: () => cy.panBy({ x: 60, y: 0 }), ArrowRight: () => cy.panBy({ x: -60, y: 0 }),
      ArrowUp: () => cy.panBy({ x: 0, y: 60 }), ArrowDown: () => cy.panBy({ x: 0, y: -60 }),
      "+": () => zoomBy(1.25), "=": () => zoomBy(1.25), "-": () => zoomBy(0.8), "0": fit, Escape: clear,
    }[event.key];
    if (act) { event.preventDefault(); act(); }
  });
  fit();
  showAll();
  // For tests that drive the page: the same selections a person makes.
  window.moneytrailChart = { cy, showTie, showEntity };
})();
