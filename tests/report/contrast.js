// Texts whose contrast to what is behind them is below 4.5:1, the AA level of the Web Content Accessibility Guidelines.
const linear = c => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
const parts = colour => colour.match(/[\d.]+/g).map(Number);

function luminance(colour) {
  const [red, green, blue] = parts(colour).map(linear);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function behind(element) {
  for (let e = element; e; e = e.parentElement) {
    const colour = getComputedStyle(e).backgroundColor;
    if ((parts(colour)[3] ?? 1) === 1) return colour;
  }
  return "rgb(255, 255, 255)";
}

function hasText(element) {
  return [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
}

// the labels on the photographs lie on their own translucent band
const shown = [...document.querySelectorAll("body *:not(script, .tag)")].filter(e => e.checkVisibility() && hasText(e));
return shown.flatMap(element => {
  const [text, ground] = [getComputedStyle(element).color, behind(element)].map(luminance);
  const ratio = (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
  return ratio < 4.5 ? [`${element.tagName}.${element.className} "${element.textContent.slice(0, 20)}" ${ratio.toFixed(2)}`] : [];
});
