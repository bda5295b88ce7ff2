/** Escapes text for Plotly, whose titles and labels interpret `<b>` as markup. */
export function plainText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
