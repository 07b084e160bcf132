/** The installation that is played. */
export const OURS = 'oursoursours';
/** Another one on the same engine, whose objects are not to be touched. */
export const THEIRS = 'theirtheirth';
