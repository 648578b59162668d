/**
 * Pages: one chart a file, a page a stage. Reads tables, computes none.
 *
 * @module
 */
export * from "./aggressor_chart.ts";
export * from "./audit_page.ts";
export * from "./basis_chart.ts";
export * from "./contract_colors.ts";
export * from "./contract_path_chart.ts";
export * from "./contract_share_chart.ts";
export * from "./coverage_chart.ts";
export * from "./depth_chart.ts";
export * from "./distribution.ts";
export * from "./distribution_chart.ts";
export * from "./drift_chart.ts";
export * from "./findings_table.ts";
export * from "./gain_chart.ts";
export * from "./gold_page.ts";
export * from "./histogram_chart.ts";
export * from "./hour_rows_chart.ts";
export * from "./importance_chart.ts";
export * from "./index_page.ts";
export * from "./learning_chart.ts";
export * from "./model_heads.ts";
export * from "./model_page.ts";
export * from "./model_rule.ts";
export * from "./model_view.ts";
export * from "./multi_leg_chart.ts";
export * from "./notebook.ts";
export * from "./notebook_page.ts";
export * from "./null_matrix.ts";
export * from "./outcome_chart.ts";
export * from "./page.ts";
export * from "./plot.ts";
export * from "./presence_chart.ts";
export * from "./price_chart.ts";
export * from "./reliability_chart.ts";
export * from "./repair_chart.ts";
export * from "./repair_page.ts";
export * from "./roc_chart.ts";
export * from "./roll_chart.ts";
export * from "./session_axis.ts";
export * from "./skill_chart.ts";
export * from "./splits_chart.ts";
export * from "./spread_chart.ts";
export * from "./stages.ts";
export * from "./strike_map.ts";
export * from "./validate_page.ts";
