/**
 * The script of the page: search and copy buttons. Without it, the page is still fully readable. Browsers offer no
 * `navigator.clipboard` over plain HTTP, so it falls back to the older API.
 */
export const SCRIPT = `
'use strict';
(() => {
  const root = document.documentElement;
  const search = document.getElementById('search');
  const count = document.getElementById('count');
  const copied = document.getElementById('copied');
  const items = [...document.querySelectorAll('[data-item]')];
  const kinds = [...document.querySelectorAll('[data-kind]')];
  const texts = new Map();
  root.classList.add('script');

  const textOf = (item) => {
    if (!texts.has(item)) texts.set(item, item.textContent.toLowerCase());
    return texts.get(item);
  };
  const filter = () => {
    const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
    let shown = 0;
    for (const item of items) {
      item.hidden = !words.every((word) => textOf(item).includes(word));
      if (!item.hidden) shown += 1;
    }
    for (const kind of kinds) kind.hidden = !kind.querySelector('[data-item]:not([hidden])');
    count.textContent = words.length === 0 ? count.dataset.all : shown + ' of ' + count.dataset.all;
  };
  search.addEventListener('input', filter);
  search.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    search.value = '';
    filter();
  });
  // The browser restores the typed text when the user comes back.
  filter();

  const copyByHand = (text) => {
    const area = document.createElement('textarea');
    area.value = text;
    area.className = 'unseen';
    document.body.append(area);
    area.select();
    const isCopied = document.execCommand('copy');
    area.remove();
    return isCopied;
  };
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copyByHand(text);
    }
  };
  document.addEventListener('click', async (event) => {
    const button = event.target instanceof Element && event.target.closest('button.copy');
    if (!button) return;
    const isCopied = await copy(button.previousElementSibling.textContent);
    button.focus();
    const label = button.firstElementChild;
    label.textContent = isCopied ? 'Copied' : 'Failed';
    copied.textContent = isCopied ? 'Copied to the clipboard' : 'The browser does not allow copying';
    setTimeout(() => {
      label.textContent = 'Copy';
      copied.textContent = '';
    }, 2000);
  });
})();
`;
