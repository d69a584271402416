using System.Text;

namespace Mlops.Monitoring;

/// <summary>Values over time, as lines, with limits and events.</summary>
/// <example><code>new LineChart("RMSE").AddSeries("live", points).AddThreshold("limit", 4.2).AddEvent(promotedAt, "v2")</code></example>
public sealed class LineChart : Chart
{
    private const int EventRowHeight = 15;
    private const int MaximumEventRows = 3;
    private const int SeriesStyles = 6;
    private readonly List<(string Name, ChartPoint[] Points)> _series = [];
    private readonly List<(string Name, double Value)> _thresholds = [];
    private readonly List<(DateTimeOffset At, string Label)> _events = [];
    private readonly string? _unit;

    /// <summary>Creates a chart.</summary>
    /// <param name="title">The title.</param>
    /// <param name="unit">The unit of the values, shown at the axis; <see langword="null"/> for none.</param>
    public LineChart(string title, string? unit = null)
        : base(title) => _unit = unit;

    /// <summary>Adds a line. The first six have colours and dashes of their own.</summary>
    /// <param name="name">Its name in the legend.</param>
    /// <param name="points">Its points, in any order; NaN interrupts it.</param>
    /// <returns>This chart.</returns>
    public LineChart AddSeries(string name, IEnumerable<ChartPoint> points)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(points);
        _series.Add((name, [.. points.OrderBy(point => point.At)]));
        return this;
    }

    /// <summary>Adds a horizontal line at a limit.</summary>
    /// <param name="name">Its name in the legend.</param>
    /// <param name="value">The limit, finite.</param>
    /// <returns>This chart.</returns>
    public LineChart AddThreshold(string name, double value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!double.IsFinite(value)) throw new ArgumentOutOfRangeException(nameof(value), "A limit is a finite number.");
        _thresholds.Add((name, value));
        return this;
    }

    /// <summary>Adds a vertical line at a moment, such as a promotion.</summary>
    /// <param name="at">The moment.</param>
    /// <param name="label">What happened, in a word or two.</param>
    /// <returns>This chart.</returns>
    public LineChart AddEvent(DateTimeOffset at, string label)
    {
        ArgumentNullException.ThrowIfNull(label);
        _events.Add((at, label));
        return this;
    }

    private protected override double GetHeight(ChartFrame frame) => frame.LineChartHeight;

    private protected override string Describe()
    {
        var text = new StringBuilder("Line chart over time.");
        foreach (var (name, points) in _series)
        {
            var present = points.Where(point => double.IsFinite(point.Value)).ToArray();
            if (present.Length == 0) text.Append(Markup.Invariant($" {name}: no values."));
            else text.Append(Markup.Invariant($" {name}: {present[0].At:yyyy-MM-dd} to {present[^1].At:yyyy-MM-dd}, from {Markup.Number(present.Min(p => p.Value))} to {Markup.Number(present.Max(p => p.Value))}, last {Markup.Number(present[^1].Value)}."));
        }

        foreach (var (name, value) in _thresholds) text.Append(Markup.Invariant($" {name} at {Markup.Number(value)}."));
        foreach (var (at, label) in _events.OrderBy(item => item.At)) text.Append(Markup.Invariant($" {at:yyyy-MM-dd}: {label}."));
        return text.ToString();
    }

    private protected override void WriteLegend(StringBuilder html)
    {
        html.Append("<ul class=\"legend\">\n");
        for (var i = 0; i < _series.Count; i++) WriteLegendItem(html, $"line s{i % SeriesStyles}", _series[i].Name);
        foreach (var (name, value) in _thresholds) WriteLegendItem(html, "threshold", $"{name} ({Markup.Number(value)})");
        html.Append("</ul>\n");
    }

    private static void WriteLegendItem(StringBuilder html, string style, string name)
        => html.Append("<li><svg class=\"swatch\" viewBox=\"0 0 28 10\" aria-hidden=\"true\"><line x1=\"1\" y1=\"5\" x2=\"27\" y2=\"5\" class=\"")
            .Append(style).Append("\"/></svg>").Append(Markup.Escape(name)).Append("</li>\n");

    private protected override void Draw(StringBuilder svg, ChartFrame frame, double height)
    {
        var times = _series.SelectMany(series => series.Points).Where(point => double.IsFinite(point.Value)).Select(point => point.At).ToArray();
        if (times.Length == 0)
        {
            DrawText(svg, frame.Width / 2.0, height / 2, "middle", "label", "No data");
            return;
        }

        var values = ValueAxis.Create(_series.SelectMany(series => series.Points).Select(point => point.Value).Concat(_thresholds.Select(threshold => threshold.Value)), frame.IsNarrow ? 5 : 6);
        var dates = DateAxis.Create(times.Concat(_events.Select(item => item.At)).Min(), times.Concat(_events.Select(item => item.At)).Max(), frame.MaximumDateTicks);
        var left = 10 + (ChartFrame.CharacterWidth * values.Ticks.Max(tick => values.Format(tick).Length));
        // Half a date label of room, so that the last one is not cut.
        var plot = new Plot(left, frame.Width - 24, 20, height - 28, values, dates);
        var labels = PlaceEvents(frame, plot);
        var rows = labels.Count == 0 ? 0 : labels.Max(label => label.Row) + 1;
        plot = plot with { Top = plot.Top + (rows * EventRowHeight) };
        DrawAxes(svg, plot);
        DrawEvents(svg, plot, labels);
        for (var i = 0; i < _thresholds.Count; i++) DrawLine(svg, plot.Left, plot.Y(_thresholds[i].Value), plot.Right, plot.Y(_thresholds[i].Value), "threshold");
        for (var i = 0; i < _series.Count; i++) DrawSeries(svg, plot, _series[i].Points, i % SeriesStyles);
    }

    private void DrawAxes(StringBuilder svg, Plot plot)
    {
        if (_unit is not null) DrawText(svg, 0, 11, "start", "tick", _unit);
        foreach (var tick in plot.Values.Ticks)
        {
            DrawLine(svg, plot.Left, plot.Y(tick), plot.Right, plot.Y(tick), tick == plot.Values.Minimum ? "axis" : "grid");
            DrawText(svg, plot.Left - 6, plot.Y(tick) + 4, "end", "tick", plot.Values.Format(tick));
        }

        foreach (var (at, label) in plot.Dates.Ticks)
        {
            DrawLine(svg, plot.X(at), plot.Bottom, plot.X(at), plot.Bottom + 5, "axis");
            var halfWidth = label.Length * ChartFrame.CharacterWidth / 2;
            DrawText(svg, Math.Clamp(plot.X(at), halfWidth, Math.Max(halfWidth, plot.Right + 22 - halfWidth)), plot.Bottom + 20, "middle", "tick", label);
        }
    }

    /// <summary>Finds a row for the label of each event in which it does not run into another; −1 where there is none.</summary>
    private List<(DateTimeOffset At, string Label, double Centre, int Row)> PlaceEvents(ChartFrame frame, Plot plot)
    {
        var placed = new List<(DateTimeOffset, string, double, int)>();
        var ends = new double[MaximumEventRows];
        foreach (var (at, label) in _events.OrderBy(item => item.At))
        {
            var halfWidth = label.Length * ChartFrame.CharacterWidth / 2;
            var centre = Math.Clamp(plot.X(at), Math.Min(halfWidth, frame.Width / 2.0), Math.Max(frame.Width - halfWidth, frame.Width / 2.0));
            var row = Array.FindIndex(ends, end => centre - halfWidth >= end);
            if (row >= 0) ends[row] = centre + halfWidth + 8;
            placed.Add((at, label, centre, row));
        }

        return placed;
    }

    private static void DrawEvents(StringBuilder svg, Plot plot, List<(DateTimeOffset At, string Label, double Centre, int Row)> labels)
    {
        foreach (var (at, label, centre, row) in labels)
        {
            svg.Append("<g><title>").Append(Markup.Escape(Markup.Invariant($"{at:yyyy-MM-dd}: {label}"))).Append("</title>\n");
            var top = plot.Top - (row < 0 ? 0 : 3 + (row * EventRowHeight));
            DrawLine(svg, plot.X(at), top, plot.X(at), plot.Bottom, "event");
            // A label that finds no room is left out; the title and the description still tell it.
            if (row >= 0) DrawText(svg, centre, top - 4, "middle", "event-label", label);
            svg.Append("</g>\n");
        }
    }

    private static void DrawSeries(StringBuilder svg, Plot plot, ChartPoint[] points, int style)
    {
        var path = new StringBuilder();
        var dots = new StringBuilder();
        foreach (var stretch in GetStretches(points))
        {
            if (stretch.Length == 1)
            {
                dots.Append(Markup.Invariant($"<circle cx=\"{plot.X(stretch[0].At):0.#}\" cy=\"{plot.Y(stretch[0].Value):0.#}\" r=\"2.5\" class=\"dot s{style}\"/>\n"));
                continue;
            }

            var command = 'M';
            foreach (var point in Thin(stretch, plot))
            {
                path.Append(Markup.Invariant($"{command}{plot.X(point.At):0.#} {plot.Y(point.Value):0.#}"));
                command = 'L';
            }
        }

        if (path.Length > 0) svg.Append(Markup.Invariant($"<path class=\"line s{style}\" d=\"{path}\"/>\n"));
        svg.Append(dots);
    }

    private static IEnumerable<ChartPoint[]> GetStretches(ChartPoint[] points)
    {
        var start = 0;
        for (var i = 0; i <= points.Length; i++)
        {
            if (i < points.Length && double.IsFinite(points[i].Value)) continue;
            if (i > start) yield return points[start..i];
            start = i + 1;
        }
    }

    /// <summary>Keeps the lowest and the highest point of every pixel column, where there are more.</summary>
    private static IEnumerable<ChartPoint> Thin(ChartPoint[] points, Plot plot)
    {
        if (points.Length <= 2 * (plot.Right - plot.Left)) return points;
        return points.GroupBy(point => (int)plot.X(point.At))
            .SelectMany(column => new[] { column.MinBy(point => point.Value), column.MaxBy(point => point.Value) }.OrderBy(point => point.At).Distinct());
    }

    private sealed record Plot(double Left, double Right, double Top, double Bottom, ValueAxis Values, DateAxis Dates)
    {
        public double X(DateTimeOffset at) => Left + (Dates.GetRatio(at) * (Right - Left));

        public double Y(double value) => Bottom - ((value - Values.Minimum) / (Values.Maximum - Values.Minimum) * (Bottom - Top));
    }
}
