// Sorts the table of cases by the column whose heading is pressed; pressed again, the other way round.
// No less-than sign and no ampersand stand here, so that the page is well-formed XML too.
document.querySelectorAll("table.cases").forEach(table => {
  const headings = Array.from(table.tHead.rows[0].cells);
  const body = table.tBodies[0];
  const value = (row, column) => {
    const cell = row.cells[column];
    return cell.hasAttribute("data-v") ? cell.dataset.v : cell.textContent;
  };
  headings.forEach((heading, column) => {
    heading.querySelector("button").addEventListener("click", () => {
      const numeric = heading.classList.contains("n");
      const down = heading.getAttribute("aria-sort") === "ascending";
      const sign = down ? -1 : 1;
      headings.forEach(other => other.setAttribute("aria-sort", "none"));
      heading.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = Array.from(body.rows);
      rows.sort((a, b) => {
        const left = value(a, column);
        const right = value(b, column);
        if (!numeric) return sign * left.localeCompare(right, undefined, { numeric: true });
        if (left === "" || right === "") return (left === "" ? 1 : 0) - (right === "" ? 1 : 0);
        return sign * (Number(left) - Number(right));
      });
      rows.forEach(row => body.appendChild(row));
    });
  });
});
