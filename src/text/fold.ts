/** Letters that no decomposition takes apart but that people type without. */
const PLAIN: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
  ı: 'i',
  ħ: 'h',
  ё: 'е',
  ς: 'σ',
  ـ: '',
  '’': "'",
  ʼ: "'",
  '＇': "'",
};
const PLAIN_LETTERS = new RegExp(`[${Object.keys(PLAIN).join('')}]`, 'gu');
// Marks on Latin and Greek letters, Hebrew points and Arabic vowel signs. Marks of Indic scripts are letters, and stay; so
// does the breve that makes the Cyrillic й.
const MARKS = /(?<=[\p{sc=Latin}\p{sc=Greek}]\p{M}*)[\u0300-\u036f]|[\u0591-\u05bd\u05bf-\u05c7\u064b-\u065f\u0670]/gu;
// With the u flag pairs are one character, so this finds what has no partner.
const LONE = /\p{Surrogate}/gu;
const isAscii = (text: string): boolean => {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
};

/**
 * One spelling for what people take to be the same word: lower case, compatibility forms (full width, ligatures), no accents.
 * Lone surrogates become U+FFFD.
 */
export function fold(text: string): string {
  if (isAscii(text)) return text.toLowerCase();
  const composed = text.replace(LONE, '\ufffd').normalize('NFKC').toLowerCase();
  return composed
    .normalize('NFD')
    .replace(MARKS, '')
    .normalize('NFC')
    .replace(PLAIN_LETTERS, (letter) => PLAIN[letter] ?? letter);
}
