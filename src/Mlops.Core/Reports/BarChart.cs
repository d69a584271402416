using System.Text;

namespace Mlops.Reports;

/// <summary>Values by name, as horizontal bars, with a limit: those that reach it stand out.</summary>
/// <example><code>new BarChart("Drift by column").AddBar("temperature", 0.31).SetThreshold("minimum effect", 0.1)</code></example>
public sealed class BarChart : Chart
{
    private const int AxisHeight = 28;
    private readonly List<(string Name, double Value)> _bars = [];
    private (string Name, double Value)? _threshold;

    /// <summary>Creates a chart.</summary>
    /// <param name="title">The title.</param>
    public BarChart(string title)
        : base(title)
    {
    }

    /// <summary>Adds a bar below the others.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value; NaN and infinities have no bar.</param>
    /// <returns>This chart.</returns>
    public BarChart AddBar(string name, double value)
    {
        ArgumentNullException.ThrowIfNull(name);
        _bars.Add((name, value));
        return this;
    }

    /// <summary>Sets the limit.</summary>
    /// <param name="name">Its name in the legend.</param>
    /// <param name="value">The limit, finite; bars that reach it stand out.</param>
    /// <returns>This chart.</returns>
    public BarChart SetThreshold(string name, double value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!double.IsFinite(value)) throw new ArgumentOutOfRangeException(nameof(value), "A limit is a finite number.");
        _threshold = (name, value);
        return this;
    }

    private protected override double GetHeight(ChartFrame frame) => 8 + (Math.Max(1, _bars.Count) * GetBarPitch(frame)) + AxisHeight;

    private protected override string Describe()
    {
        var text = new StringBuilder("Bar chart.");
        foreach (var (name, value) in _bars) text.Append(Markup.Invariant($" {name}: {Markup.Number(value)}."));
        if (_threshold is { } threshold) text.Append(Markup.Invariant($" {threshold.Name} at {Markup.Number(threshold.Value)}."));
        return text.ToString();
    }

    private protected override void WriteLegend(StringBuilder html)
    {
        if (_threshold is not null) WriteLegendItems(html);
    }

    private protected override IEnumerable<(string Shape, string Text)> GetLegend()
        => _threshold is { } threshold ? [(LineOf("limit"), $"{threshold.Name} ({Markup.Number(threshold.Value)})")] : [];

    private protected override void Draw(StringBuilder svg, ChartFrame frame, double height)
    {
        if (_bars.Count == 0)
        {
            DrawText(svg, frame.Width / 2.0, height / 2, "middle", "label", "No data");
            return;
        }

        var axis = ValueAxis.Create(_bars.Select(bar => bar.Value).Concat(_threshold is { } limit ? [limit.Value] : []), frame.IsNarrow ? 5 : 8, includesZero: true);
        // Names stand beside the bars where there is room, else above them.
        var left = frame.IsNarrow ? 4 : Math.Min(280, 10 + (ChartFrame.CharacterWidth * _bars.Max(bar => bar.Name.Length)));
        var right = frame.Width - 60;
        var bottom = height - AxisHeight;
        double X(double value) => left + (axis.GetRatio(value) * (right - left));

        foreach (var tick in axis.Ticks)
        {
            DrawLine(svg, X(tick), 4, X(tick), bottom, tick == 0 ? "axis" : "grid");
            DrawText(svg, X(tick), bottom + 18, tick == axis.Minimum && frame.IsNarrow ? "start" : "middle", "tick", axis.Format(tick));
        }

        var pitch = GetBarPitch(frame);
        var barHeight = frame.IsNarrow ? 14 : pitch - 8;
        double Top(int bar) => 8 + (bar * pitch) + (frame.IsNarrow ? 18 : 4);
        double End(double value) => double.IsFinite(value) ? X(value) : X(0);
        for (var i = 0; i < _bars.Count; i++) DrawBar(svg, X(0), End(_bars[i].Value), Top(i), barHeight, _bars[i].Name, _bars[i].Value);
        if (_threshold is { } threshold) DrawLine(svg, X(threshold.Value), 4, X(threshold.Value), bottom, "limit");
        // Texts last, so that no line runs through them.
        for (var i = 0; i < _bars.Count; i++)
        {
            var (name, value) = _bars[i];
            var middle = Top(i) + (barHeight / 2) + 4;
            if (frame.IsNarrow) DrawText(svg, left, Top(i) - 5, "start", "label", Shorten(name, (int)((frame.Width - left) / ChartFrame.CharacterWidth)));
            else DrawText(svg, left - 8, middle, "end", "label", Shorten(name, (int)Math.Round((left - 10) / ChartFrame.CharacterWidth)));
            DrawText(svg, Math.Max(X(0), End(value)) + 6, middle, "start", "value", Markup.Number(value));
        }
    }

    private void DrawBar(StringBuilder svg, double zero, double end, double top, double height, string name, double value)
    {
        var style = _threshold is { } threshold && value >= threshold.Value ? "bar hot" : "bar";
        svg.Append("<g><title>").Append(Markup.Escape($"{name}: {Markup.Number(value)}")).Append("</title>\n");
        svg.Append(Markup.Invariant($"<rect x=\"{Math.Min(zero, end):0.#}\" y=\"{top:0.#}\" width=\"{Math.Abs(end - zero):0.#}\" height=\"{height:0.#}\" rx=\"2\" class=\"{style}\"/>\n"));
        svg.Append("</g>\n");
    }

    private static double GetBarPitch(ChartFrame frame) => frame.IsNarrow ? 38 : 26;

    private static string Shorten(string text, int length) => text.Length <= length ? text : ShortText.Of(text, Math.Max(1, length - 1));
}
