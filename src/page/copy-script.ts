/**
 * What a page with copy buttons runs. Browsers offer no `navigator.clipboard` over plain HTTP or from a stick, so it falls back
 * to the older API.
 */
export const COPY_SCRIPT = `
'use strict';
(() => {
  const copied = document.getElementById('copied');
  document.documentElement.classList.add('script');

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
    button.dataset.word ??= label.textContent;
    label.textContent = isCopied ? (button.dataset.copied ?? 'Copied') : 'Failed';
    copied.textContent = isCopied ? (button.dataset.copied ?? 'Copied to the clipboard') : 'The browser does not allow copying';
    setTimeout(() => {
      label.textContent = button.dataset.word;
      copied.textContent = '';
    }, 2000);
  });
})();
`;
