"use strict";
// Tables are whole without this script: it adds buttons that sort them and fields that filter them.
(() => {
  const words = new Intl.Collator("en", { numeric: true });

  const entry = (row, column) => row.cells[column].textContent.trim();

  const compare = (number) => (one, other) => {
    if (one === "" || other === "") return (one === "") - (other === ""); // nothing comes last
    return number ? parseFloat(one) - parseFloat(other) : words.compare(one, other);
  };

  function makeSortable(table) {
    const heads = [...table.tHead.rows[0].cells];
    const body = table.tBodies[0];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
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

  function labelled(text, field) {
    const label = document.createElement("label");
    label.append(text, " ", field);
    return label;
  }

  function makeFilterable(table, controls) {
    const rows = [...table.tBodies[0].rows];
    const field = document.createElement("input");
    field.type = "search";
    const choices = [];
    controls.append(labelled("Rows with", field));
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      if (!head.hasAttribute("data-choice")) return;
      const found = [...new Set(rows.map((row) => entry(row, column)))].sort(words.compare);
      if (found.length < 2) return;
      const select = document.createElement("select");
      select.append(new Option("all", ""));
      found.filter((each) => each !== "").forEach((each) => select.append(new Option(each, each)));
      choices.push([column, select]);
      controls.append(labelled(head.textContent.trim(), select));
    });
    const status = document.createElement("p");
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
    field.addEventListener("input", filter);
    choices.forEach(([, select]) => select.addEventListener("change", filter));
    filter();
    controls.hidden = false;
  }

  function enhance(container) {
    if (container.dataset.table === "done") return;
    container.dataset.table = "done";
    const table = container.querySelector("table");
    makeFilterable(table, container.querySelector(".controls"));
    makeSortable(table);
  }

  // A table inside closed details is made ready when they are opened.
  document.querySelectorAll("[data-table]").forEach((container) => {
    const details = container.closest("details");
    if (details) details.addEventListener("toggle", () => enhance(container));
    else enhance(container);
  });
})();
