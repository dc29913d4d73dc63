// Filters every table by words and by choices, and lists what is wrong.
() => {
  const faults = [];
  const visible = (table) => [...table.tBodies[0].rows].filter((row) => !row.hidden);
  for (const container of document.querySelectorAll("[data-table]")) {
    const table = container.querySelector("table");
    const total = table.tBodies[0].rows.length;
    const status = container.querySelector("[role=status]");
    const field = container.querySelector("input");
    const type = (text) => { field.value = text; field.dispatchEvent(new Event("input")); };
    const wanted = table.tBodies[0].rows[total - 1].cells[0].textContent.trim().toUpperCase();
    type(wanted);
    const left = visible(table);
    if (!left.length || !left.every((row) => row.textContent.toUpperCase().includes(wanted)))
      faults.push(`${table.id}: filtered wrongly`);
    if (status.textContent !== `${left.length} of ${total} rows`) faults.push(`${table.id}: ${status.textContent}`);
    type("no row has this");
    if (visible(table).length || status.textContent !== `0 of ${total} rows`) faults.push(`${table.id}: not empty`);
    type("");
    if (visible(table).length !== total) faults.push(`${table.id}: not whole again`);
    for (const select of container.querySelectorAll("select")) {
      select.selectedIndex = 1;
      select.dispatchEvent(new Event("change"));
      const chosen = visible(table);
      if (!chosen.length || !chosen.every((row) => [...row.cells].some((cell) => cell.textContent.trim() === select.value)))
        faults.push(`${table.id}: ${select.value} chosen wrongly`);
      select.selectedIndex = 0;
      select.dispatchEvent(new Event("change"));
    }
  }
  return faults;
}
