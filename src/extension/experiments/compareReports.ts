/** Opens the reports given as paths side by side. Not for the palette. */
export const compareReportsCommand = '_ssm.compareReports';
