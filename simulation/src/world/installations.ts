/** The installation under test. */
export const OURS = 'oursoursours';
/** Another installation on the same engine, whose objects must not be touched. */
export const THEIRS = 'theirtheirth';
