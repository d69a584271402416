using System.Text;

namespace Mlops.Reports;

/// <summary>Values over time, as lines, with limits and events.</summary>
/// <example><code>new LineChart("RMSE").AddSeries("live", points).AddThreshold("limit", 4.2).AddEvent(promotedAt, "v2")</code></example>
public sealed class LineChart : Chart
{
    private const int EventRowHeight = 15;
    private const int EventRowsWithinHeight = 3;
    private const int MaximumEventRows = 8;
    private const int RightMargin = 24;
    private const int SeriesStyles = 6;
    private readonly List<(string Name, ChartPoint[] Points, bool IsLine)> _series = [];
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
        _series.Add((name, [.. points.OrderBy(point => point.At)], true));
        return this;
    }

    /// <summary>Marks points, such as those of a line that are above its limit, in the colour of warnings.</summary>
    /// <param name="name">Their name in the legend.</param>
    /// <param name="points">The points, in any order; NaN is left out.</param>
    /// <returns>This chart.</returns>
    public LineChart AddMarks(string name, IEnumerable<ChartPoint> points)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(points);
        _series.Add((name, [.. points.Where(point => double.IsFinite(point.Value)).OrderBy(point => point.At)], false));
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

    private protected override double GetHeight(ChartFrame frame)
        => frame.LineChartHeight + (Math.Max(0, Arrange(frame, frame.LineChartHeight).Rows - EventRowsWithinHeight) * EventRowHeight);

    private protected override string Describe()
    {
        var text = new StringBuilder("Line chart over time.");
        foreach (var (name, points, _) in _series)
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
        WriteLegendItems(html);
        var unlabelled = new[] { ChartFrame.Wide, ChartFrame.Narrow }.SelectMany(frame => Arrange(frame, frame.LineChartHeight).Labels.Where(label => label.Row < 0)).Select(label => label.Index).Distinct().OrderBy(index => _events[index].At).ToArray();
        if (unlabelled.Length == 0) return;
        var texts = unlabelled.Select(index => Markup.Invariant($"{_events[index].At:yyyy-MM-dd} {_events[index].Label}"));
        html.Append("<p class=\"events\">Events whose labels find no room in the chart: ").Append(Markup.Escape(string.Join("; ", texts))).Append("</p>\n");
    }

    private protected override IEnumerable<(string Shape, string Text)> GetLegend()
    {
        for (var i = 0; i < _series.Count; i++) yield return (_series[i].IsLine ? LineOf($"line s{i % SeriesStyles}") : MarkAt(14, 5), _series[i].Name);
        foreach (var (name, value) in _thresholds) yield return (LineOf("threshold"), $"{name} ({Markup.Number(value)})");
    }

    private protected override void Draw(StringBuilder svg, ChartFrame frame, double height)
    {
        var (plot, labels, rows) = Arrange(frame, height);
        if (plot is null)
        {
            DrawText(svg, frame.Width / 2.0, height / 2, "middle", "label", "No data");
            return;
        }

        plot = plot with { Top = plot.Top + (rows * EventRowHeight) };
        DrawAxes(svg, plot);
        DrawEvents(svg, plot, labels);
        for (var i = 0; i < _thresholds.Count; i++) DrawLine(svg, plot.Left, plot.Y(_thresholds[i].Value), plot.Right, plot.Y(_thresholds[i].Value), "threshold");
        for (var i = 0; i < _series.Count; i++)
        {
            if (_series[i].IsLine) DrawSeries(svg, plot, _series[i].Points, i % SeriesStyles);
            else foreach (var point in _series[i].Points) svg.Append(MarkAt(plot.X(point.At), plot.Y(point.Value))).Append('\n');
        }
    }

    /// <summary>Divides the space of a drawing: the axes, and above them as many rows as the labels of the events need.</summary>
    private (Plot? Plot, List<EventLabel> Labels, int Rows) Arrange(ChartFrame frame, double height)
    {
        var times = _series.SelectMany(series => series.Points).Where(point => double.IsFinite(point.Value)).Select(point => point.At).ToArray();
        if (times.Length == 0) return (null, [], 0);
        var values = ValueAxis.Create(_series.SelectMany(series => series.Points).Select(point => point.Value).Concat(_thresholds.Select(threshold => threshold.Value)), frame.IsNarrow ? 5 : 6);
        var dates = DateAxis.Create(times.Concat(_events.Select(item => item.At)).Min(), times.Concat(_events.Select(item => item.At)).Max(), frame.MaximumDateTicks);
        var left = 10 + (ChartFrame.CharacterWidth * values.Ticks.Max(tick => values.Format(tick).Length));
        // Half a date label of room, so that the last one is not cut.
        var plot = new Plot(left, frame.Width - RightMargin, _unit is null ? 20 : 26, height - 28, values, dates);
        if (_events.Count == 0) return (plot, [], 0);
        // And room for the labels of the last events, which are to the right of their lines.
        var excess = _events.Max(item => plot.X(item.At) + WidthOf(item.Label) - frame.Width);
        if (excess > 0) plot = plot with { Right = Math.Max(plot.Right - (1.1 * excess), (plot.Left + plot.Right) / 2) };
        var labels = PlaceEvents(frame, plot);
        return (plot, labels, labels.Max(label => label.Row) + 1);
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

    /// <summary>
    /// Finds a row for the label of each event; −1 where there is none. A label stands to the right of its line. From the last event to the first each takes
    /// the lowest row with room, so that no label runs into another, and no line through a label.
    /// </summary>
    private List<EventLabel> PlaceEvents(ChartFrame frame, Plot plot)
    {
        var placed = new List<EventLabel>();
        var starts = new double[MaximumEventRows];
        Array.Fill(starts, double.PositiveInfinity);
        foreach (var (index, item) in _events.Index().OrderByDescending(pair => pair.Item.At).ThenByDescending(pair => pair.Index))
        {
            var start = Math.Max(0, Math.Min(plot.X(item.At) - 2, frame.Width - WidthOf(item.Label)));
            var row = Array.FindIndex(starts, next => start + WidthOf(item.Label) <= next);
            if (row >= 0) Array.Fill(starts, start, 0, row + 1); // Rows below are crossed by its line.
            placed.Add(new EventLabel(index, start, row));
        }

        placed.Reverse();
        return placed;
    }

    private static double WidthOf(string label) => (label.Length * ChartFrame.CharacterWidth) + 6;

    private void DrawEvents(StringBuilder svg, Plot plot, List<EventLabel> labels)
    {
        foreach (var label in labels)
        {
            var (at, text) = _events[label.Index];
            svg.Append("<g><title>").Append(Markup.Escape(Markup.Invariant($"{at:yyyy-MM-dd}: {text}"))).Append("</title>\n");
            var top = plot.Top - (label.Row < 0 ? 0 : 6 + (label.Row * EventRowHeight));
            DrawLine(svg, plot.X(at), top, plot.X(at), plot.Bottom, "event");
            // A label that finds no room is left out here; the legend tells it.
            if (label.Row >= 0) DrawText(svg, label.Start, top - 3, "start", "event-label", text);
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

    /// <summary>Where the label of an event stands.</summary>
    private readonly record struct EventLabel(int Index, double Start, int Row);

    private sealed record Plot(double Left, double Right, double Top, double Bottom, ValueAxis Values, DateAxis Dates)
    {
        public double X(DateTimeOffset at) => Left + (Dates.GetRatio(at) * (Right - Left));

        public double Y(double value) => Bottom - (Values.GetRatio(value) * (Bottom - Top));
    }
}
