"use strict";
(function () {
  const $ = (id) => document.getElementById(id);
  const rows = Array.from(document.querySelectorAll("details, .note"));
  const boxes = document.querySelectorAll("main div, main section");
  const exchanges = rows.filter((row) => row.tagName === "DETAILS");
  let words = null; // the text of each row, once somebody searches

  function has(index, word) {
    const text = words[index];
    // Bytes go over several lines.
    return text.includes(word) || (/^[0-9a-f*]{4,}$/.test(word) &&
      text.replace(/\s+/g, "").includes(word));
  }

  function show() {
    const wanted = $("text").value.toLowerCase().split(/\s+/).filter(Boolean);
    const command = $("command").value;
    const errors = $("errors").checked;
    let shown = 0;
    words = words || rows.map((row) => row.textContent.toLowerCase());
    rows.forEach((row, index) => {
      const note = row.tagName !== "DETAILS";
      const fits = wanted.every((word) => has(index, word)) &&
        (!command || (!note && row.querySelector("b").textContent === command)) &&
        (!errors || row.classList.contains("bad"));
      row.hidden = !fits;
      shown += fits && !note;
    });
    const all = !wanted.length && !command && !errors;
    boxes.forEach((box) => {
      box.hidden = !all &&
        !box.querySelector("details:not([hidden]), .note:not([hidden])");
    });
    tell(shown);
  }

  function tell(shown) {
    $("count").textContent = shown === exchanges.length
      ? `${shown} commands` : `${shown} of ${exchanges.length} commands`;
  }

  function fillCommands() {
    const names = new Map();
    exchanges.forEach((row) => {
      const name = row.querySelector("b").textContent;
      names.set(name, (names.get(name) || 0) + 1);
    });
    Array.from(names.keys()).sort().forEach((name) => {
      const option = document.createElement("option");
      option.value = name;
      option.textContent = `${name} (${names.get(name)})`;
      $("command").append(option);
    });
  }

  function openTarget() {
    const row = $(location.hash.slice(1));
    if (row && row.tagName === "DETAILS") {
      row.open = true;
      row.scrollIntoView();
    }
  }

  let timer = 0;
  function soon() {
    clearTimeout(timer);
    timer = setTimeout(show, 120);
  }

  $("text").addEventListener("input", soon);
  $("command").addEventListener("change", show);
  $("errors").addEventListener("change", show);
  $("find").addEventListener("submit", (event) => {
    event.preventDefault();
    show();
  });
  $("all").addEventListener("click", () => {
    const open = $("all").textContent === "Open all";
    exchanges.forEach((row) => { row.open = open && !row.hidden; });
    $("all").textContent = open ? "Close all" : "Open all";
  });
  window.addEventListener("hashchange", openTarget);
  fillCommands();
  tell(exchanges.length);
  $("find").hidden = false;
  openTarget();
})();
