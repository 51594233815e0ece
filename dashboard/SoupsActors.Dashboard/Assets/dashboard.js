// The little that only the browser can do: the theme before the first paint, dialogs, titles, files, the clipboard.
window.soups = (() => {
  const key = 'soups-theme';
  const theme = () => localStorage.getItem(key) ?? 'system';
  const apply = () => { document.documentElement.dataset.theme = theme(); };
  apply();
  addEventListener('storage', apply);
  // Blazor would take the link for a navigation, which scrolls but leaves the keyboard where it was.
  addEventListener('click', event => {
    if (!event.target.closest?.('a.skip')) return;
    event.preventDefault();
    document.getElementById('main').focus();
  }, true);
  return {
    theme,
    setTheme(choice) {
      if (choice === 'system') localStorage.removeItem(key); else localStorage.setItem(key, choice);
      apply();
    },
    setTitle(title) { document.title = title; },
    openDialog(dialog) { if (!dialog.open) dialog.showModal(); },
    closeDialog(dialog) { if (dialog.open) dialog.close(); },
    copy(text) { return navigator.clipboard.writeText(text); },
  };
})();
