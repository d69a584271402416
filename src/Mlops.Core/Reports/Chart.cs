using System.Text;

namespace Mlops.Reports;

/// <summary>A picture in an <see cref="HtmlReport"/>, or by itself. Not safe for concurrent use.</summary>
public abstract class Chart
{
    private protected Chart(string title)
    {
        ArgumentException.ThrowIfNullOrEmpty(title);
        Title = title;
    }

    /// <summary>Gets the title, which is shown above the chart and read to those who do not see it.</summary>
    public string Title { get; }

    /// <summary>Draws the chart as an SVG image that shows without anything else, 880 units wide, in colours for a light background.</summary>
    /// <returns>The image, an XML document in UTF-8 without a declaration.</returns>
    public string ToSvg()
    {
        const int Left = 10, Row = 18;
        var frame = ChartFrame.Wide;
        var (height, legend) = (GetHeight(frame), GetLegend().ToArray());
        var top = 34.0 + (Row * legend.Length);
        var svg = new StringBuilder();
        svg.Append(Markup.Invariant($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {frame.Width + (2 * Left)} {top + height + Left:0}\" role=\"img\" aria-labelledby=\"t d\">\n"));
        svg.Append("<title id=\"t\">").Append(Markup.Escape(Title)).Append("</title>\n<desc id=\"d\">").Append(Markup.Escape(Describe())).Append("</desc>\n");
        svg.Append("<style>").Append(SvgStyle.Css).Append("</style>\n<rect width=\"100%\" height=\"100%\" class=\"page\"/>\n");
        svg.Append(Markup.Invariant($"<text x=\"{Left}\" y=\"20\" class=\"title\">")).Append(Markup.Escape(Title)).Append("</text>\n");
        for (var i = 0; i < legend.Length; i++)
        {
            svg.Append(Markup.Invariant($"<g transform=\"translate({Left} {30 + (Row * i)})\">{legend[i].Shape}<text x=\"36\" y=\"9\" class=\"tick\">")).Append(Markup.Escape(legend[i].Text)).Append("</text></g>\n");
        }

        svg.Append(Markup.Invariant($"<g transform=\"translate({Left} {top:0})\">\n"));
        Draw(svg, frame, height);
        return svg.Append("</g>\n</svg>\n").ToString();
    }

    /// <summary>Writes the chart: the legend once, the drawing for wide and for narrow windows, of which the style sheet shows one.</summary>
    internal virtual void Write(StringBuilder html, string id)
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

    /// <summary>Gives the items of the legend: what is drawn, in a space of 28 by 10, and what it stands for.</summary>
    private protected abstract IEnumerable<(string Shape, string Text)> GetLegend();

    private protected void WriteLegendItems(StringBuilder html)
    {
        html.Append("<ul class=\"legend\">\n");
        foreach (var (shape, text) in GetLegend())
            html.Append("<li><svg class=\"swatch\" viewBox=\"0 0 28 10\" aria-hidden=\"true\">").Append(shape).Append("</svg>").Append(Markup.Escape(text)).Append("</li>\n");
        html.Append("</ul>\n");
    }

    private protected static string LineOf(string style) => $"<line x1=\"1\" y1=\"5\" x2=\"27\" y2=\"5\" class=\"{style}\"/>";

    private protected static string MarkAt(double x, double y) => Markup.Invariant($"<circle cx=\"{x:0.#}\" cy=\"{y:0.#}\" r=\"3.5\" class=\"dot hot\"/>");

    private protected abstract void Draw(StringBuilder svg, ChartFrame frame, double height);

    private protected static void DrawText(StringBuilder svg, double x, double y, string anchor, string style, string text)
        => svg.Append(Markup.Invariant($"<text x=\"{x:0.#}\" y=\"{y:0.#}\" text-anchor=\"{anchor}\" class=\"{style}\">")).Append(Markup.Escape(text)).Append("</text>\n");

    private protected static void DrawLine(StringBuilder svg, double x1, double y1, double x2, double y2, string style)
        => svg.Append(Markup.Invariant($"<line x1=\"{x1:0.#}\" y1=\"{y1:0.#}\" x2=\"{x2:0.#}\" y2=\"{y2:0.#}\" class=\"{style}\"/>\n"));
}
