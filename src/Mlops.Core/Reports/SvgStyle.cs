namespace Mlops.Reports;

/// <summary>The style sheet of a chart by itself: that of a report with its colours written out, because programs that show images know no variables.</summary>
internal static class SvgStyle
{
    public const string Css = """
        .page { fill: #fff; } text { font: 12px system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; fill: #1c2128; } text.title { font-size: 15px; font-weight: 600; }
        text.tick { fill: #59636e; } text.event-label { fill: #59636e; font-weight: 600; font-size: 11.5px; }
        text.label, text.value { paint-order: stroke; stroke: #fff; stroke-width: 3px; stroke-linejoin: round; }
        .grid { stroke: #e6e9ed; } .axis { stroke: #8c959f; } .event { stroke: #6e7781; stroke-dasharray: 2 3; }
        .threshold { stroke: #cf222e; stroke-width: 1.5; stroke-dasharray: 7 4; } .limit { stroke: #1c2128; stroke-width: 1.5; stroke-dasharray: 7 4; }
        .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
        .s0 { stroke: #0b62c4; } .s1 { stroke: #b3540a; stroke-dasharray: 8 5; } .s2 { stroke: #17753a; stroke-dasharray: 1 5; stroke-width: 2.5; }
        .s3 { stroke: #7a44c9; stroke-dasharray: 10 4 2 4; } .s4 { stroke: #0f7b83; stroke-dasharray: 4 4; } .s5 { stroke: #a8326e; stroke-dasharray: 14 4; }
        .dot { fill: #fff; stroke-width: 2; stroke-dasharray: none; } .dot.hot { fill: #cf222e; stroke: #fff; stroke-width: 1; } .bar { fill: #0b62c4; opacity: .85; } .bar.hot { fill: #cf222e; } .bar.other { fill: #b3540a; }
        """;
}
