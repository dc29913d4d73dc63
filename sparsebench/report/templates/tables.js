"use strict";
// Tables on the page are whole without this script: it adds buttons that sort them and fields that filter
// them, makes long tables when they are opened, keeps filters in the address, and tells figures' values.
(() => {
  const words = new Intl.Collator("en", { numeric: true });
  const verdicts = new Set({{ verdicts | tojson }});

  const made = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  const entry = (row, column) => row.cells[column].textContent.trim();

  const compare = (number) => (one, other) => {
    if (one === "" || other === "") return (one === "") - (other === ""); // nothing comes last
    return number ? parseFloat(one) - parseFloat(other) : words.compare(one, other);
  };

  // Long tables

  function makeTable(container) {
    const data = container.querySelector("script");
    if (data === null) return;
    const { columns, rows } = JSON.parse(data.textContent);
    const old = container.querySelector(".scroll > p");
    const name = container.dataset.table;
    const link = old.querySelector("a");
    const heads = columns.map(([title, number, choice]) => {
      const head = made("th", { scope: "col", className: number ? "number" : "" }, title);
      if (choice) head.dataset.choice = "";
      return head;
    });
    const body = rows.map((row) => made("tr", {}, ...row.map((text, column) => {
      if (column === 0) return made("th", { scope: "row" }, text);
      if (columns[column][1]) return made("td", { className: "number" }, text);
      if (verdicts.has(text)) return made("td", {}, verdict(text));
      return made("td", {}, text);
    })));
    const caption = made("caption", { id: old.id }, made("span", {}, old.firstChild.data, link));
    const table = made("table", { id: name, className: columns.length > 10 ? "wide" : "" }, caption,
      made("thead", {}, made("tr", {}, ...heads)), made("tbody", {}, ...body));
    old.replaceWith(table);
    data.remove();
  }

  const verdict = (text) => made("span", { className: `verdict ${text.replaceAll(" ", "-")}` }, text);

  // Sorting

  function makeSortable(table) {
    const heads = [...table.tHead.rows[0].cells];
    const body = table.tBodies[0];
    heads.forEach((head, column) => {
      const button = made("button", { type: "button" }, ...head.childNodes);
      head.append(button);
      head.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => {
        const upwards = head.getAttribute("aria-sort") !== "ascending";
        const order = compare(head.classList.contains("number"));
        const rows = [...body.rows].map((row) => [entry(row, column), row]);
        rows.sort(([one], [other]) =>
          upwards || one === "" || other === "" ? order(one, other) : order(other, one));
        body.append(...rows.map(([, row]) => row));
        heads.forEach((each) => each.setAttribute("aria-sort", "none"));
        head.setAttribute("aria-sort", upwards ? "ascending" : "descending");
      });
    });
  }

  // Filters, and the address that has them

  let addressWaits;
  const labelled = (text, field) => made("label", {}, text, " ", field);

  function makeFilterable(table, controls) {
    const rows = [...table.tBodies[0].rows];
    const field = made("input", { type: "search", size: 14 });
    const choices = [];
    controls.append(labelled("Rows with", field));
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      if (!head.hasAttribute("data-choice")) return;
      const found = [...new Set(rows.map((row) => entry(row, column)))].sort(words.compare);
      if (found.length < 2) return;
      const select = made("select", {}, new Option("all", ""));
      found.filter((each) => each !== "").forEach((each) => select.append(new Option(each, each)));
      choices.push([column, select, head.textContent.trim()]);
      controls.append(labelled(head.textContent.trim(), select));
    });
    const status = made("p");
    status.setAttribute("role", "status");
    controls.append(status);

    const texts = rows.map((row) => [...row.cells].map((cell) => cell.textContent).join(" ").toLowerCase());
    const filter = () => {
      const wanted = field.value.trim().toLowerCase();
      let shown = 0;
      rows.forEach((row, place) => {
        const there = texts[place].includes(wanted)
          && choices.every(([column, select]) => select.value === "" || entry(row, column) === select.value);
        row.hidden = !there;
        shown += there;
      });
      status.textContent = `${shown} of ${rows.length} rows`;
    };
    const chosen = () => {
      filter();
      clearTimeout(addressWaits); // a new address styles the whole page anew: not after every letter
      addressWaits = setTimeout(toAddress, 200);
    };
    const toAddress = () => {
      const view = new URLSearchParams();
      if (field.value !== "") view.set("rows", field.value);
      choices.forEach(([, select, title]) => { if (select.value !== "") view.set(title, select.value); });
      const query = view.toString();
      history.replaceState(null, "", `#${table.id}${query === "" ? "" : `?${query}`}`);
    };
    field.addEventListener("input", chosen);
    choices.forEach(([, select]) => select.addEventListener("change", chosen));
    table.show = (view) => {
      field.value = view.get("rows") ?? "";
      choices.forEach(([, select, title]) => {
        select.value = view.get(title) ?? "";
        if (select.selectedIndex < 0) select.value = "";
      });
      filter();
    };
    filter();
    controls.hidden = false;
  }

  // On a narrow screen a row is a card: cells say what they are, and stay cells to whoever hears them.
  function makeCards(table) {
    const titles = [...table.tHead.rows[0].cells].map((head) => head.textContent.trim());
    table.setAttribute("role", "table");
    [table.tHead, table.tBodies[0]].forEach((part) => part.setAttribute("role", "rowgroup"));
    [...table.rows].forEach((row) => row.setAttribute("role", "row"));
    [...table.tHead.rows[0].cells].forEach((head) => head.setAttribute("role", "columnheader"));
    [...table.tBodies[0].rows].forEach((row) => [...row.cells].forEach((cell, column) => {
      cell.setAttribute("role", cell.tagName === "TH" ? "rowheader" : "cell");
      cell.dataset.head = titles[column];
      if (cell.textContent === "") cell.classList.add("nothing");
    }));
    table.classList.add("cards");
  }

  function enhance(container) {
    if (container.dataset.done === "yes") return;
    container.dataset.done = "yes";
    makeTable(container);
    const table = container.querySelector("table");
    makeCards(table);
    makeFilterable(table, container.querySelector(".controls"));
    makeSortable(table);
  }

  const containers = [...document.querySelectorAll("[data-table]")];

  // A table inside closed details is made ready when they are opened.
  containers.forEach((container) => {
    const details = container.closest("details");
    if (details) details.addEventListener("toggle", () => enhance(container));
    else enhance(container);
  });

  function goToAddress() {
    const [name, query] = decodeFirst(location.hash.slice(1));
    const container = containers.find((each) => each.dataset.table === name);
    if (container === undefined) return;
    const details = container.closest("details");
    if (details) details.open = true;
    enhance(container);
    container.querySelector("table").show(new URLSearchParams(query));
    container.scrollIntoView();
  }

  function decodeFirst(address) {
    const place = address.indexOf("?");
    return place < 0 ? [address, ""] : [address.slice(0, place), address.slice(place + 1)];
  }

  addEventListener("hashchange", goToAddress);
  goToAddress();

  // Values of figures, beside the pointer

  const tip = made("div", { className: "tip", hidden: true });
  document.body.append(tip);

  const scale = (text) => {
    const [low, high, start, end, log, named] = text.split(" ").map(Number);
    const turn = log ? Math.log : (value) => value;
    return {
      named,
      at: (value) => start + (end - start) * (turn(value) - turn(low)) / (turn(high) - turn(low)),
    };
  };

  const panels = new WeakMap();

  function pointsOf(panel) {
    if (!panels.has(panel)) {
      const across = scale(panel.dataset.x), up = scale(panel.dataset.y);
      const points = [...panel.querySelectorAll("[data-v]")].flatMap((mark) =>
        mark.dataset.v.split(" ").map((pair) => {
          const [x, y] = pair.split(",").map(Number);
          return { x: across.at(x), y: up.at(y), text: said(panel, mark, across, up, x, y) };
        }));
      panels.set(panel, points);
    }
    return panels.get(panel);
  }

  function said(panel, mark, across, up, x, y) {
    const parts = [];
    if (!across.named) parts.push(`${panel.dataset.across ?? "x"} ${x}`);
    if (!up.named) parts.push(`${y}`);
    const label = mark.dataset.label;
    return `${label === undefined ? "" : `${label}: `}${parts.join(", ")}`;
  }

  const NEAR = 24; // pixels of the figure

  function point(event) {
    const figure = event.target.closest?.("svg.panels");
    if (!figure) { tip.hidden = true; return; }
    const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(figure.getScreenCTM().inverse());
    let best = null, least = NEAR;
    figure.querySelectorAll("g.panel[data-x]").forEach((panel) => {
      pointsOf(panel).forEach((each) => {
        const far = Math.hypot(each.x - place.x, each.y - place.y);
        if (far < least) [best, least] = [each, far];
      });
    });
    tip.hidden = best === null;
    if (best === null) return;
    tip.textContent = best.text;
    const left = Math.min(event.clientX + 12, innerWidth - tip.offsetWidth - 4);
    tip.style.translate = `${Math.max(left, 4)}px ${event.clientY + 14}px`;
  }

  document.addEventListener("pointermove", point);
  document.addEventListener("pointerdown", point);
})();
