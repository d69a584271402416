namespace Mlops.Reports;

/// <summary>The style sheet of a report.</summary>
internal static class ReportStyle
{
    public const string Css = """
        :root { color-scheme: light dark; --bg: #fff; --fg: #1c2128; --muted: #59636e; --grid: #e6e9ed; --axis: #8c959f; --panel: #f6f8fa;
          --s0: #0b62c4; --s1: #b3540a; --s2: #17753a; --s3: #7a44c9; --s4: #0f7b83; --s5: #a8326e; --limit: #cf222e; --event: #6e7781; }
        @media (prefers-color-scheme: dark) { :root { --bg: #0f1318; --fg: #e3e8ee; --muted: #98a2ad; --grid: #262d36; --axis: #68727e; --panel: #171c23;
          --s0: #62a8ff; --s1: #f39a4c; --s2: #4fc06c; --s3: #bd95ff; --s4: #45c4cc; --s5: #f27fb6; --limit: #ff6a61; --event: #98a2ad; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--bg); color: var(--fg); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; -webkit-text-size-adjust: 100%; }
        main { max-width: 60rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
        h1, h2, figcaption { overflow-wrap: anywhere; }
        h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .5rem; letter-spacing: -.01em; text-wrap: balance; }
        h2 { font-size: 1.2rem; line-height: 1.3; margin: 2.5rem 0 .5rem; padding-top: 1rem; border-top: 1px solid var(--grid); }
        p { margin: .5rem 0; max-width: 44rem; white-space: pre-line; overflow-wrap: anywhere; }
        figure { margin: 1.5rem 0; }
        figcaption, caption { font-weight: 600; text-align: left; margin-bottom: .25rem; }
        .legend { list-style: none; display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; margin: 0 0 .25rem; padding: 0; font-size: .85rem; color: var(--muted); }
        .legend li { display: flex; align-items: center; gap: .4rem; }
        p.events { font-size: .85rem; color: var(--muted); margin: 0 0 .25rem; }
        svg { display: block; width: 100%; height: auto; overflow: visible; }
        svg.swatch { width: 28px; height: 10px; flex: none; }
        svg.narrow { display: none; }
        @media (max-width: 640px) { svg.wide { display: none; } svg.narrow { display: block; } main { padding: 1.25rem 1rem 3rem; } h1 { font-size: 1.4rem; } }
        svg text { font-size: 12px; fill: var(--fg); font-variant-numeric: tabular-nums; }
        svg text.tick { fill: var(--muted); }
        svg text.label, svg text.value { paint-order: stroke; stroke: var(--bg); stroke-width: 3px; stroke-linejoin: round; }
        svg text.event-label { fill: var(--muted); font-weight: 600; font-size: 11.5px; }
        .grid { stroke: var(--grid); } .axis { stroke: var(--axis); }
        .event { stroke: var(--event); stroke-dasharray: 2 3; }
        .threshold { stroke: var(--limit); stroke-width: 1.5; stroke-dasharray: 7 4; }
        .limit { stroke: var(--fg); stroke-width: 1.5; stroke-dasharray: 7 4; }
        .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
        .s0 { stroke: var(--s0); } .s1 { stroke: var(--s1); stroke-dasharray: 8 5; } .s2 { stroke: var(--s2); stroke-dasharray: 1 5; stroke-width: 2.5; }
        .s3 { stroke: var(--s3); stroke-dasharray: 10 4 2 4; } .s4 { stroke: var(--s4); stroke-dasharray: 4 4; } .s5 { stroke: var(--s5); stroke-dasharray: 14 4; }
        .dot { fill: var(--bg); stroke-width: 2; stroke-dasharray: none; } .dot.hot { fill: var(--limit); stroke: var(--bg); stroke-width: 1; }
        .bar { fill: var(--s0); opacity: .85; } .bar.hot { fill: var(--limit); } .bar.other { fill: var(--s1); }
        svg.small { max-width: 28rem; } svg.small text { font-size: 11px; }
        .table { overflow-x: auto; margin: 1.25rem 0; }
        table { border-collapse: collapse; width: 100%; font-size: .9rem; }
        th, td { text-align: left; padding: .45rem 1rem .45rem 0; border-bottom: 1px solid var(--grid); vertical-align: top; }
        th { color: var(--muted); font-weight: 600; white-space: nowrap; border-bottom-color: var(--axis); }
        th.n, td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        table.matrix { width: auto; } table.matrix th, table.matrix td { padding: .45rem .8rem; } tbody th { color: var(--fg); border-bottom-color: var(--grid); }
        td.fail { color: var(--limit); font-weight: 700; } td.warn { color: var(--s1); font-weight: 600; } td.pass { color: var(--s2); }
        td.s { white-space: nowrap; } td.l { min-width: 16rem; overflow-wrap: anywhere; }
        @media (max-width: 640px) { table { font-size: .72rem; } th, td, th.n, td.n { padding-right: .3rem; } th:last-child, td:last-child { padding-right: 0; } th, th.n { white-space: normal; } td.s { white-space: normal; } td.l { min-width: 5rem; }
          td:first-child { min-width: 3.7rem; overflow-wrap: anywhere; } td.s:last-child { min-width: 4.1rem; overflow-wrap: anywhere; }
          table.wide, table.wide :is(caption, thead, tbody) { display: block; } table.wide tr { display: flex; flex-wrap: wrap; column-gap: .25rem; padding: .4rem 0; border-bottom: 1px solid var(--grid); }
          table.wide thead tr { border-bottom-color: var(--axis); } table.wide :is(th, td) { flex: 1 1 0; min-width: 0; padding: 0; border: 0; overflow-wrap: break-word; white-space: normal; }
          table.wide :is(th, td).l { flex-grow: 2; } table.wide :is(th, td):last-child { flex-grow: 1.35; } table.wide th { font-size: .66rem; } table.wide :is(th, td):first-child { flex: 0 0 100%; font-weight: 600; } }
        @media print { main { max-width: none; padding: 0; } figure, tr { break-inside: avoid; } }
        """;
}
