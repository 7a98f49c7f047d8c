// A .sql file as an analysis: comment lines at its head say what it is called and which parameters it takes.
//   -- title: Trades by venue        -- title-ko: ...        -- about: ...        -- about-ko: ...
//   -- param symbol text "Symbol" "심볼" = BTCUSDT
import { type Analysis, type AnalysisParameter, analysisParameterSchema } from '../../src-shared/contract/analysis.ts';

const FIELD = /^--\s*(title|title-ko|about|about-ko):\s*(.*)$/;
const PARAM = /^--\s*param\s+([A-Za-z_]\w*)\s+([a-z]+)\s+"([^"]*)"\s+"([^"]*)"\s*=\s*(.*)$/;
/** `$name`, but neither `$1` nor the begin of a dollar quote. */
const NAMED = /\$([A-Za-z_]\w*)(?![\w$])/g;

export interface AnalysisPlace {
  readonly id: string;
  readonly kind: Analysis['kind'];
  readonly updatedUs: number;
}

/** Any text is an analysis: what has no header is called by its file's name. */
export function readAnalysis(text: string, { id, kind, updatedUs }: AnalysisPlace): Analysis {
  const fields = new Map<string, string>();
  const parameters: AnalysisParameter[] = [];
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  let at = 0;
  for (; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const field = FIELD.exec(line);
    const param = PARAM.exec(line);
    if (field) fields.set(field[1] ?? '', field[2]?.trim() ?? '');
    else if (param) {
      const [, name, type, en, ko, initial] = param;
      const read = analysisParameterSchema.safeParse({ name, type, label: { en, ko }, initial: initial?.trim() });
      if (read.success) parameters.push(read.data);
    } else break;
  }
  const sql = lines.slice(at).join('\n').trim();
  const title = fields.get('title') || id;
  const about = fields.get('about') ?? '';
  return {
    id,
    kind,
    title: { en: title, ko: fields.get('title-ko') || title },
    about: { en: about, ko: fields.get('about-ko') || about },
    parameters: withUndescribed(sql, parameters),
    sql,
    updatedUs,
  };
}

/** The file of a saved analysis. */
export function writeAnalysis(analysis: {
  readonly title: string;
  readonly about: string;
  readonly sql: string;
  readonly parameters: readonly AnalysisParameter[];
}): string {
  const line = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
  const label = (text: string): string => line(text).replaceAll('"', "'");
  const head = [
    `-- title: ${line(analysis.title)}`,
    ...(analysis.about.trim() === '' ? [] : [`-- about: ${line(analysis.about)}`]),
    ...analysis.parameters.map(
      ({ name, type, label: { en, ko }, initial }) =>
        `-- param ${name} ${type} "${label(en)}" "${label(ko)}" = ${line(initial)}`,
    ),
  ];
  return `${head.join('\n')}\n\n${analysis.sql.trim()}\n`;
}

function withUndescribed(sql: string, described: readonly AnalysisParameter[]): AnalysisParameter[] {
  const names = new Set([...sql.matchAll(NAMED)].map(([, name]) => name ?? ''));
  const missing = [...names].filter((name) => !described.some((one) => one.name === name));
  return [
    ...described,
    ...missing.map((name): AnalysisParameter => ({ name, type: 'text', label: { en: name, ko: name }, initial: '' })),
  ];
}
