using System.Text;

namespace Mlops.Reports;

/// <summary>Numbers over numbers: curves, points and lines for comparison, such as the diagonal of a ROC curve.</summary>
/// <example><code>new CurveChart("ROC", "false positive rate", "true positive rate").AddCurve("model", points).AddReference("chance", (0, 0), (1, 1))</code></example>
public sealed class CurveChart : Chart
{
    private const int SeriesStyles = 6;
    private readonly List<(string Name, (double X, double Y)[] Points, Kind Kind)> _series = [];
    private readonly List<(string Name, (double X, double Y) From, (double X, double Y) To)> _references = [];
    private readonly string _xAxis;
    private readonly string _yAxis;

    /// <summary>Creates a chart.</summary>
    /// <param name="title">The title.</param>
    /// <param name="xAxis">What the numbers to the right are, with their unit.</param>
    /// <param name="yAxis">What the numbers upwards are, with their unit.</param>
    public CurveChart(string title, string xAxis, string yAxis)
        : base(title)
    {
        ArgumentNullException.ThrowIfNull(xAxis);
        ArgumentNullException.ThrowIfNull(yAxis);
        (_xAxis, _yAxis) = (xAxis, yAxis);
    }

    /// <summary>Adds a curve. The first six have colours and dashes of their own.</summary>
    /// <param name="name">Its name in the legend.</param>
    /// <param name="points">Its points, in order; those that are not finite are left out.</param>
    /// <param name="isStepped">Whether the curve keeps its height up to the next point, and jumps there.</param>
    /// <returns>This chart.</returns>
    public CurveChart AddCurve(string name, IEnumerable<(double X, double Y)> points, bool isStepped = false)
    {
        ArgumentNullException.ThrowIfNull(points);
        var finite = Finite(points);
        return Add(name, isStepped ? [.. finite.Take(1), .. finite.Zip(finite.Skip(1)).SelectMany(pair => new[] { (pair.Second.X, pair.First.Y), pair.Second })] : finite, Kind.Line);
    }

    /// <summary>Adds points.</summary>
    /// <param name="name">Their name in the legend.</param>
    /// <param name="points">The points; those that are not finite are left out.</param>
    /// <returns>This chart.</returns>
    public CurveChart AddPoints(string name, IEnumerable<(double X, double Y)> points)
    {
        ArgumentNullException.ThrowIfNull(points);
        return Add(name, Finite(points), Kind.Points);
    }

    /// <summary>Marks points, such as those of a curve that are above its limit, in the colour of warnings.</summary>
    /// <param name="name">Their name in the legend.</param>
    /// <param name="points">The points; those that are not finite are left out.</param>
    /// <returns>This chart.</returns>
    public CurveChart AddMarks(string name, IEnumerable<(double X, double Y)> points)
    {
        ArgumentNullException.ThrowIfNull(points);
        return Add(name, Finite(points), Kind.Marks);
    }

    /// <summary>Adds a straight line to compare with.</summary>
    /// <param name="name">Its name in the legend.</param>
    /// <param name="from">Where it begins, finite.</param>
    /// <param name="to">Where it ends, finite.</param>
    /// <returns>This chart.</returns>
    public CurveChart AddReference(string name, (double X, double Y) from, (double X, double Y) to)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!double.IsFinite(from.X + from.Y + to.X + to.Y)) throw new ArgumentException("A line has finite ends.", nameof(to));
        _references.Add((name, from, to));
        return this;
    }

    private protected override double GetHeight(ChartFrame frame) => frame.IsNarrow ? 320 : 400;

    private protected override string Describe()
    {
        var text = new StringBuilder($"Chart of {_yAxis} over {_xAxis}.");
        foreach (var (name, points, _) in _series)
        {
            if (points.Length == 0) text.Append($" {name}: no values.");
            else text.Append(Markup.Invariant($" {name}: from ({Markup.Number(points[0].X)}, {Markup.Number(points[0].Y)}) to ({Markup.Number(points[^1].X)}, {Markup.Number(points[^1].Y)}), {points.Length} points."));
        }

        foreach (var (name, _, _) in _references) text.Append($" Line: {name}.");
        return text.ToString();
    }

    private protected override void WriteLegend(StringBuilder html) => WriteLegendItems(html);

    private protected override IEnumerable<(string Shape, string Text)> GetLegend()
    {
        for (var i = 0; i < _series.Count; i++)
        {
            var style = $"s{i % SeriesStyles}";
            var shape = _series[i].Kind switch { Kind.Line => LineOf("line " + style), Kind.Marks => MarkAt(14, 5), _ => $"<circle cx=\"14\" cy=\"5\" r=\"3\" class=\"dot {style}\"/>" };
            yield return (shape, _series[i].Name);
        }

        foreach (var (name, _, _) in _references) yield return (LineOf("event"), name);
    }

    private protected override void Draw(StringBuilder svg, ChartFrame frame, double height)
    {
        var points = _series.SelectMany(series => series.Points).ToArray();
        if (points.Length == 0)
        {
            DrawText(svg, frame.Width / 2.0, height / 2, "middle", "label", "No data");
            return;
        }

        var ends = _references.SelectMany(line => new[] { line.From, line.To }).ToArray();
        var xs = ValueAxis.Create(points.Concat(ends).Select(point => point.X), frame.IsNarrow ? 5 : 8);
        var ys = ValueAxis.Create(points.Concat(ends).Select(point => point.Y), 6);
        var left = 12 + (ChartFrame.CharacterWidth * ys.Ticks.Max(tick => ys.Format(tick).Length));
        // A square reads better than a wide field; both kinds of window leave it room.
        var right = frame.IsNarrow ? frame.Width - 16 : Math.Min(frame.Width - 24, left + 560);
        var (top, bottom) = (26.0, height - 42);
        double X(double value) => left + (xs.GetRatio(value) * (right - left));
        double Y(double value) => bottom - (ys.GetRatio(value) * (bottom - top));

        DrawText(svg, 0, 11, "start", "tick", _yAxis);
        DrawText(svg, right, height - 4, "end", "tick", _xAxis);
        foreach (var tick in ys.Ticks)
        {
            DrawLine(svg, left, Y(tick), right, Y(tick), tick == ys.Minimum ? "axis" : "grid");
            DrawText(svg, left - 6, Y(tick) + 4, "end", "tick", ys.Format(tick));
        }

        foreach (var tick in xs.Ticks)
        {
            DrawLine(svg, X(tick), bottom, X(tick), bottom + 5, "axis");
            DrawText(svg, X(tick), bottom + 19, "middle", "tick", xs.Format(tick));
        }

        foreach (var (_, from, to) in _references) DrawLine(svg, X(from.X), Y(from.Y), X(to.X), Y(to.Y), "event");
        for (var i = 0; i < _series.Count; i++)
        {
            if (_series[i].Kind == Kind.Line && _series[i].Points.Length > 1)
                svg.Append(Markup.Invariant($"<path class=\"line s{i % SeriesStyles}\" d=\"M{string.Join('L', _series[i].Points.Select(point => Markup.Invariant($"{X(point.X):0.#} {Y(point.Y):0.#}")))}\"/>\n"));
            else if (_series[i].Kind == Kind.Marks)
                foreach (var (x, y) in _series[i].Points) svg.Append(MarkAt(X(x), Y(y))).Append('\n');
            else
                foreach (var (x, y) in _series[i].Points) svg.Append(Markup.Invariant($"<circle cx=\"{X(x):0.#}\" cy=\"{Y(y):0.#}\" r=\"3\" class=\"dot s{i % SeriesStyles}\"/>\n"));
        }
    }

    private CurveChart Add(string name, (double X, double Y)[] points, Kind kind)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        _series.Add((name, points, kind));
        return this;
    }

    private static (double X, double Y)[] Finite(IEnumerable<(double X, double Y)> points) => [.. points.Where(point => double.IsFinite(point.X) && double.IsFinite(point.Y))];

    /// <summary>How a series is drawn.</summary>
    private enum Kind
    {
        Line,
        Points,
        Marks,
    }
}
