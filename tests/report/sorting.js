// Sorts every table by every column, both ways, and lists what is wrong.
() => {
  const faults = [];
  for (const table of document.querySelectorAll("table")) {
    const heads = [...table.tHead.rows[0].cells];
    const before = [...table.tBodies[0].rows].map((row) => row.textContent).sort().join();
    heads.forEach((head, column) => {
      const button = head.querySelector("button");
      if (!button) { faults.push(`${table.id}: no button`); return; }
      for (const wanted of ["ascending", "descending"]) {
        button.click();
        if (head.getAttribute("aria-sort") !== wanted) faults.push(`${table.id} ${column}: not ${wanted}`);
        const texts = [...table.tBodies[0].rows].map((row) => row.cells[column].textContent.trim());
        const filled = texts.filter((text) => text !== "");
        if (texts.slice(0, filled.length).includes("")) faults.push(`${table.id} ${column}: nothing is not last`);
        if (head.classList.contains("number")) {
          const numbers = filled.map(Number);
          if (numbers.some(Number.isNaN)) faults.push(`${table.id} ${column}: ${filled.find((each) => Number.isNaN(Number(each)))}`);
          const sign = wanted === "ascending" ? 1 : -1;
          if (numbers.some((each, place) => place && sign * (each - numbers[place - 1]) < 0))
            faults.push(`${table.id} ${column}: not in order`);
        }
      }
      if (heads.filter((each) => each.getAttribute("aria-sort") !== "none").length !== 1)
        faults.push(`${table.id}: sorted by several`);
    });
    const after = [...table.tBodies[0].rows].map((row) => row.textContent).sort().join();
    if (before !== after) faults.push(`${table.id}: rows were lost`);
  }
  return faults;
}
