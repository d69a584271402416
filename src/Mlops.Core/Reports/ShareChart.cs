using System.Text;

namespace Mlops.Reports;

/// <summary>The shares of two samples side by side: how two distributions differ.</summary>
/// <remarks>Bars of categories lie below each other; bars of numbers, which have edges, stand beside each other. A small drawing, the same for wide and narrow windows, so that hundreds fit into one report.</remarks>
/// <example><code>new ShareChart("station", "reference", "current").AddBar("north", 0.7, 0.2).AddBar("south", 0.3, 0.8)</code></example>
public sealed class ShareChart : Chart
{
    private const int NameLength = 18;
    private const int RowPitch = 22;
    private const int HistogramHeight = 110;
    private const int AxisHeight = 20;
    private readonly string _first;
    private readonly string _second;
    private readonly List<(string Name, double First, double Second)> _bars = [];
    private double[] _edges = [];

    /// <summary>Creates a chart.</summary>
    /// <param name="title">The title.</param>
    /// <param name="first">The name of the first sample in the legend.</param>
    /// <param name="second">The name of the second sample.</param>
    public ShareChart(string title, string first, string second)
        : base(title)
    {
        ArgumentException.ThrowIfNullOrEmpty(first);
        ArgumentException.ThrowIfNullOrEmpty(second);
        (_first, _second) = (first, second);
    }

    /// <summary>Adds a bar for each sample.</summary>
    /// <param name="name">What has these shares; not shown where there are edges.</param>
    /// <param name="first">The share of the first sample, 0..1; one that is not finite has no bar.</param>
    /// <param name="second">The share of the second sample.</param>
    /// <returns>This chart.</returns>
    public ShareChart AddBar(string name, double first, double second)
    {
        ArgumentNullException.ThrowIfNull(name);
        _bars.Add((name, Limit(first), Limit(second)));
        return this;
    }

    /// <summary>Makes the bars those of ranges of numbers.</summary>
    /// <param name="edges">Where the ranges begin, and where the last one ends: one more than there are bars, ascending, finite.</param>
    /// <returns>This chart.</returns>
    /// <exception cref="ArgumentException">The number of edges is not that of the bars added before and one more, or an edge is not finite.</exception>
    public ShareChart SetEdges(params IReadOnlyList<double> edges)
    {
        ArgumentNullException.ThrowIfNull(edges);
        if (edges.Count != _bars.Count + 1) throw new ArgumentException($"{_bars.Count} bars have {_bars.Count + 1} edges; {edges.Count} were given.", nameof(edges));
        if (!edges.All(double.IsFinite)) throw new ArgumentException("An edge is a finite number.", nameof(edges));
        _edges = [.. edges];
        return this;
    }

    internal override void Write(StringBuilder html, string id)
    {
        html.Append("<figure>\n<figcaption>").Append(Markup.Escape(Title)).Append("</figcaption>\n");
        WriteLegend(html);
        var frame = ChartFrame.Narrow;
        html.Append(Markup.Invariant($"<svg class=\"small\" viewBox=\"0 0 {frame.Width} {GetHeight(frame):0}\" role=\"img\" aria-label=\"{Markup.Escape(Describe())}\">\n"));
        Draw(html, frame, GetHeight(frame));
        html.Append("</svg>\n</figure>\n");
    }

    private protected override double GetHeight(ChartFrame frame) => _edges.Length > 0 ? HistogramHeight + AxisHeight + 4 : 4 + (RowPitch * Math.Max(1, _bars.Count));

    private protected override string Describe()
    {
        if (_bars.Count == 0) return "No data.";
        var (name, first, second) = _bars.MaxBy(bar => Math.Abs(bar.First - bar.Second));
        var place = _edges.Length == 0 ? name : Place(_bars.FindIndex(bar => (bar.Name, bar.First, bar.Second) == (name, first, second)));
        return Markup.Invariant($"Shares of {_first} and {_second}. They differ most at {place}: {Percent(first)} and {Percent(second)}.");
    }

    private protected override void WriteLegend(StringBuilder html) => WriteLegendItems(html);

    private protected override IEnumerable<(string Shape, string Text)> GetLegend() =>
    [
        ("<rect width=\"28\" height=\"10\" class=\"bar\"/>", _first),
        ("<rect width=\"28\" height=\"10\" class=\"bar other\"/>", _second),
    ];

    private protected override void Draw(StringBuilder svg, ChartFrame frame, double height)
    {
        var largest = _bars.Count == 0 ? 0 : _bars.Max(bar => Math.Max(bar.First, bar.Second));
        if (largest == 0) DrawText(svg, frame.Width / 2.0, height / 2, "middle", "tick", "No data");
        else if (_edges.Length > 0) DrawHistogram(svg, frame, largest);
        else DrawCategories(svg, frame, largest);
    }

    private void DrawHistogram(StringBuilder svg, ChartFrame frame, double largest)
    {
        const double Left = 2, Top = 12;
        var (first, second) = (new StringBuilder(), new StringBuilder());
        var pitch = (frame.Width - (2 * Left)) / _bars.Count;
        var half = Math.Max(1, (pitch - 2) / 2);
        for (var i = 0; i < _bars.Count; i++)
        {
            var x = Left + (i * pitch) + 1;
            Stand(first, x, _bars[i].First);
            Stand(second, x + half, _bars[i].Second);
        }

        WritePaths(svg, first, second);
        DrawLine(svg, Left, HistogramHeight, frame.Width - Left, HistogramHeight, "axis");
        DrawText(svg, 0, 9, "start", "tick", $"up to {Percent(largest)} in a bar");
        for (var tick = 0; tick <= 4; tick++)
        {
            var edge = (int)Math.Round(tick * _bars.Count / 4.0);
            if (tick > 0 && edge == (int)Math.Round((tick - 1) * _bars.Count / 4.0)) continue;
            DrawText(svg, Left + (edge * pitch), HistogramHeight + 15, tick switch { 0 => "start", 4 => "end", _ => "middle" }, "tick", Markup.Number(_edges[edge]));
        }

        void Stand(StringBuilder path, double x, double share)
        {
            var length = share / largest * (HistogramHeight - Top);
            if (length > 0) path.Append(Markup.Invariant($"M{x:0.#} {HistogramHeight}v-{Math.Max(0.5, length):0.#}h{half:0.#}V{HistogramHeight}z"));
        }
    }

    private void DrawCategories(StringBuilder svg, ChartFrame frame, double largest)
    {
        const double Left = 126, Right = 104;
        var (first, second) = (new StringBuilder(), new StringBuilder());
        for (var i = 0; i < _bars.Count; i++)
        {
            var (name, share, other) = _bars[i];
            var top = 4 + (i * RowPitch);
            Lie(first, top, share);
            Lie(second, top + 9, other);
            svg.Append(Markup.Invariant($"<text x=\"{Left - 6}\" y=\"{top + 13}\" text-anchor=\"end\">{Markup.Escape(Shorten(name))}</text>\n"));
            svg.Append(Markup.Invariant($"<text x=\"{frame.Width}\" y=\"{top + 13}\" text-anchor=\"end\" class=\"tick\">{Percent(share)} → {Percent(other)}</text>\n"));
        }

        WritePaths(svg, first, second);

        void Lie(StringBuilder path, double top, double share)
        {
            var length = share / largest * (frame.Width - Left - Right);
            if (length > 0) path.Append(Markup.Invariant($"M{Left} {top:0.#}h{Math.Max(0.5, length):0.#}v8H{Left}z"));
        }
    }

    private static void WritePaths(StringBuilder svg, StringBuilder first, StringBuilder second)
    {
        if (first.Length > 0) svg.Append("<path class=\"bar\" d=\"").Append(first).Append("\"/>\n");
        if (second.Length > 0) svg.Append("<path class=\"bar other\" d=\"").Append(second).Append("\"/>\n");
    }

    private string Place(int bar) => $"{Markup.Number(_edges[bar])} to {Markup.Number(_edges[bar + 1])}";

    private static double Limit(double share) => double.IsFinite(share) ? Math.Clamp(share, 0, 1) : 0;

    private static string Percent(double share) => Markup.Invariant($"{(share is > 0 and < 0.0005 ? 0.05 : 100 * share):0.#} %");

    private static string Shorten(string text)
    {
        if (text.Length <= NameLength) return text;
        // Out of the middle: names that begin alike often differ at their end. Not between the two halves of one character.
        var (first, last) = (NameLength / 2, text.Length - (NameLength / 2) + 1);
        if (char.IsHighSurrogate(text[first - 1])) first--;
        if (char.IsLowSurrogate(text[last])) last++;
        return $"{text[..first]}…{text[last..]}";
    }
}
