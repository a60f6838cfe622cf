/**
 * A query that only reads, or why it may do more. Pure. Statements, words and functions are all deny by default: in SQL a SELECT
 * can call a function that deletes.
 */

const BEGINS = /^(select|show|explain|describe|desc|values|table|with|pragma)$/;
/** Words that write or lock somewhere in a statement that begins harmlessly. */
const WRITES =
  /^(insert|update|delete|drop|alter|create|truncate|grant|revoke|merge|replace|into|copy|call|do|execute|exec|vacuum|analyze|analyse|reindex|cluster|lock|set|comment|refresh|import|load|outfile|dumpfile|attach|detach|begin|commit|rollback|start|shutdown|kill|flush|reset|rename|handler|install|uninstall|prepare|deallocate|listen|notify|share|sleep|benchmark)$/;
/** Functions that compute; a name that is not here may do anything. */
const PURE = new Set(
  'count sum avg min max now coalesce nullif greatest least lower upper length char_length octet_length trim ltrim rtrim round floor ceil ceiling abs mod power sqrt cast convert substring substr left right concat concat_ws position strpos instr date date_trunc date_part date_format extract to_char to_date to_timestamp age strftime julianday datetime time unixepoch unix_timestamp from_unixtime curdate curtime datediff timestampdiff date_add date_sub day month year hour minute interval string_agg group_concat array_agg json_agg jsonb_agg json_build_object jsonb_build_object json_object json_extract json_array_length jsonb_array_length row_to_json unnest generate_series row_number rank dense_rank ntile lag lead first_value last_value over in exists any all some values distinct filter within partition current_database current_schema current_user database user version typeof pg_size_pretty pg_database_size pg_total_relation_size pg_relation_size pg_table_size pg_indexes_size pg_typeof pg_get_viewdef pg_get_indexdef pg_get_constraintdef obj_description col_description has_table_privilege format_type if ifnull iif isnull decode numeric varchar char decimal and or not on as select when then else from where using union except intersect by having limit table_info table_list index_list index_info foreign_key_list foreign_key_check integrity_check quick_check database_list table_xinfo compile_options hex quote total random like glob percentile_cont width_bucket every bool_and bool_or variance stddev'.split(
    ' ',
  ),
);
/** With brackets those that look at what is named there; for the others a word in brackets is a new value. */
const LOOKS =
  /^pragma\s+(?:(?:table_info|table_xinfo|index_list|index_info|index_xinfo|foreign_key_list|foreign_key_check|integrity_check|quick_check)\s*(?:\(\s*(?:\w+|""|'')\s*\))?|table_list|database_list|compile_options|user_version|page_count|page_size|journal_mode|encoding|freelist_count|collation_list|function_list|schema_version)$/;

/** The reason to ask, or undefined. */
export function sqlProblem(text: string): string | undefined {
  if (/[\\$`]|\/\*|--|#/.test(text.replace(/^\s*--[^\n]*\n/, '')))
    return 'its query holds what could not be read for certain';
  // Quoted text and quoted names say nothing; what is left open could.
  const bare = text.replace(/'(?:[^']|'')*'/g, " '' ").replace(/"(?:[^"]|"")*"/g, ' "" ');
  if (/'(?!')(?<!'')|"(?!")(?<!"")/.test(bare.replaceAll("''", '').replaceAll('""', '')))
    return 'its query holds an open quote';
  const statements = bare.split(';').filter((statement) => statement.trim() !== '');
  if (statements.length === 0) return 'its query is empty';
  for (const statement of statements) {
    const reason = statementProblem(statement.trim().toLowerCase());
    if (reason) return reason;
  }
  return undefined;
}

function statementProblem(statement: string): string | undefined {
  const words = statement.match(/[a-z_][\w]*/g) ?? [];
  const first = /^\(*\s*([a-z]+)/.exec(statement)?.[1];
  if (first === undefined || !BEGINS.test(first)) return 'its query is not known to only read';
  if (first === 'pragma') return LOOKS.test(statement) ? undefined : 'its pragma may change the database';
  // SHOW CREATE TABLE and SHOW INDEX name what they show; they cannot do it.
  const checked = first === 'show' ? words.filter((word) => !/^(create|grants|lock|analyze)$/.test(word)) : words;
  const writing = checked.find((word) => WRITES.test(word));
  if (writing) return `its query says ${JSON.stringify(writing)}`;
  if (/\bfor\s+(no\s+key\s+)?(update|share|key)\b/.test(statement)) return 'its query locks rows';
  if (/[^\x00-\x7f]/.test(statement)) return 'its query holds names that could not be read for certain';
  for (const [, called] of statement.replace(/\s*\.\s*/g, '.').matchAll(/((?:[\w]+|"")(?:\.(?:\w+|""))*)\s*\(/g))
    if (!PURE.has(called!)) return `its query calls ${JSON.stringify(called)}, which may do anything`;
  return undefined;
}
