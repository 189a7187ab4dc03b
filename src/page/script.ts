import { COPY_SCRIPT } from './copy-script.ts';

/** The script of the page: search, pull lines for the chosen program, copy buttons. Without it, the page is still fully readable. */
export const SCRIPT: string = `
'use strict';
(() => {
  const search = document.getElementById('search');
  const count = document.getElementById('count');
  const items = [...document.querySelectorAll('[data-item]')];
  const kinds = [...document.querySelectorAll('[data-kind]')];
  const texts = new Map();

  // What the pull lines say of a program is no part of what is searched.
  const textOf = (item) => {
    if (!texts.has(item)) {
      const pull = item.querySelector('.pull');
      texts.set(item, item.textContent.replace(pull ? pull.textContent : '', '').toLowerCase());
    }
    return texts.get(item);
  };
  const filter = () => {
    const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
    let shown = 0;
    for (const item of items) {
      item.hidden = !words.every((word) => textOf(item).includes(word));
      if (!item.hidden) shown += 1;
    }
    for (const kind of kinds) {
      const left = kind.querySelectorAll('[data-item]:not([hidden])').length;
      const { dataset } = kind.querySelector('[data-count]');
      kind.hidden = left === 0;
      kind.querySelector('[data-count]').textContent = words.length === 0 ? dataset.count : left + ' of ' + dataset.count;
    }
    count.textContent = words.length === 0 ? count.dataset.all : shown + ' of ' + count.dataset.all;
  };
  search.addEventListener('input', filter);
  search.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    search.value = '';
    filter();
  });
  const program = document.getElementById('program');
  const showLines = () => {
    const { before, after } = program.selectedOptions[0].dataset;
    for (const line of document.querySelectorAll('.pull code')) {
      line.dataset.name ??= line.textContent;
      line.textContent = before + line.dataset.name + after;
    }
  };
  if (program) program.addEventListener('change', showLines);
  // The browser restores what was typed and chosen when the user comes back.
  filter();
  if (program) showLines();
})();
${COPY_SCRIPT}`;
