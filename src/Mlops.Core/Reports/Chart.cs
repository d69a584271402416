using System.Text;

namespace Mlops.Reports;

/// <summary>A picture in an <see cref="HtmlReport"/>. Not safe for concurrent use.</summary>
public abstract class Chart
{
    private protected Chart(string title)
    {
        ArgumentException.ThrowIfNullOrEmpty(title);
        Title = title;
    }

    /// <summary>Gets the title, which is shown above the chart and read to those who do not see it.</summary>
    public string Title { get; }

    /// <summary>Writes the chart: the legend once, the drawing for wide and for narrow windows, of which the style sheet shows one.</summary>
    internal void Write(StringBuilder html, string id)
    {
        html.Append("<figure>\n<figcaption>").Append(Markup.Escape(Title)).Append("</figcaption>\n");
        WriteLegend(html);
        foreach (var frame in new[] { ChartFrame.Wide, ChartFrame.Narrow })
        {
            var key = $"{id}-{frame.Name}";
            var height = GetHeight(frame);
            html.Append(Markup.Invariant($"<svg class=\"{frame.Name}\" viewBox=\"0 0 {frame.Width} {height:0}\" role=\"img\" aria-labelledby=\"{key}-t {key}-d\">\n"));
            html.Append(Markup.Invariant($"<title id=\"{key}-t\">")).Append(Markup.Escape(Title)).Append("</title>\n");
            html.Append(Markup.Invariant($"<desc id=\"{key}-d\">")).Append(Markup.Escape(Describe())).Append("</desc>\n");
            Draw(html, frame, height);
            html.Append("</svg>\n");
        }

        html.Append("</figure>\n");
    }

    private protected abstract double GetHeight(ChartFrame frame);

    private protected abstract string Describe();

    private protected abstract void WriteLegend(StringBuilder html);

    private protected abstract void Draw(StringBuilder svg, ChartFrame frame, double height);

    private protected static void DrawText(StringBuilder svg, double x, double y, string anchor, string style, string text)
        => svg.Append(Markup.Invariant($"<text x=\"{x:0.#}\" y=\"{y:0.#}\" text-anchor=\"{anchor}\" class=\"{style}\">")).Append(Markup.Escape(text)).Append("</text>\n");

    private protected static void DrawLine(StringBuilder svg, double x1, double y1, double x2, double y2, string style)
        => svg.Append(Markup.Invariant($"<line x1=\"{x1:0.#}\" y1=\"{y1:0.#}\" x2=\"{x2:0.#}\" y2=\"{y2:0.#}\" class=\"{style}\"/>\n"));
}
