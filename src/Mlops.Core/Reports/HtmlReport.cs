using System.Globalization;
using System.Text;

namespace Mlops.Reports;

/// <summary>Builds a report as one HTML file that needs nothing else: no script, no network, light and dark, readable on a phone.</summary>
/// <remarks>All text is escaped. Charts are SVG, with a description for those who do not see them. Not safe for concurrent use.</remarks>
/// <example><code>
/// await new HtmlReport("Ridership").AddHeading("Error").AddChart(chart).AddTable(["version", "rmse"], rows).WriteAsync(stream);
/// </code></example>
public sealed class HtmlReport
{
    // From so many columns on, a row takes two lines on a phone.
    private const int FewestWideColumns = 4;

    private readonly StringBuilder _body = new();
    private readonly string _title;
    private int _charts;

    /// <summary>Creates an empty report.</summary>
    /// <param name="title">The title.</param>
    public HtmlReport(string title)
    {
        ArgumentException.ThrowIfNullOrEmpty(title);
        _title = title;
    }

    /// <summary>Gets how long the content is by now, in characters, for reports that must stay small; the style sheet comes on top.</summary>
    public int Length => _body.Length;

    /// <summary>Counts how long the content is by now, in bytes of UTF-8, for files that must stay small; the style sheet comes on top. Time O(length).</summary>
    /// <returns>The number of bytes, or a few more.</returns>
    public long CountBytes()
    {
        long bytes = 0;
        foreach (var chunk in _body.GetChunks()) bytes += Encoding.UTF8.GetByteCount(chunk.Span);
        return bytes;
    }

    /// <summary>Begins a section.</summary>
    /// <param name="text">Its heading.</param>
    /// <returns>This report.</returns>
    public HtmlReport AddHeading(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _body.Append("<h2>").Append(Markup.Escape(text)).Append("</h2>\n");
        return this;
    }

    /// <summary>Adds a paragraph.</summary>
    /// <param name="text">The text; its line breaks are kept.</param>
    /// <returns>This report.</returns>
    public HtmlReport AddText(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _body.Append("<p>").Append(Markup.Escape(text)).Append("</p>\n");
        return this;
    }

    /// <summary>Adds a paragraph that must not be overlooked.</summary>
    /// <param name="text">The text; its line breaks are kept.</param>
    /// <returns>This report.</returns>
    public HtmlReport AddNotice(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _body.Append("<p><strong>").Append(Markup.Escape(text)).Append("</strong></p>\n");
        return this;
    }

    /// <summary>Adds a table. Columns that hold only numbers, but for the first, are set flush right.</summary>
    /// <param name="headers">The headings of the columns.</param>
    /// <param name="rows">The cells, row by row, as many as there are headings.</param>
    /// <param name="caption">The caption; <see langword="null"/> for none.</param>
    /// <param name="verdictColumn">The heading of the column whose cells begin with <c>fail</c>, <c>warn</c>, <c>pass</c>, <c>drift</c>, <c>no drift</c> or <c>not</c>, which is shown by colour and weight too; <see langword="null"/> for none.</param>
    /// <returns>This report.</returns>
    /// <exception cref="ArgumentException">A row has another number of cells than there are headings.</exception>
    public HtmlReport AddTable(IReadOnlyList<string> headers, IEnumerable<IReadOnlyList<string>> rows, string? caption = null, string? verdictColumn = null)
    {
        ArgumentNullException.ThrowIfNull(headers);
        ArgumentNullException.ThrowIfNull(rows);
        IReadOnlyList<string>[] cells = [.. rows];
        for (var row = 0; row < cells.Length; row++)
        {
            if (cells[row].Count != headers.Count)
                throw new ArgumentException($"Row {row} has {cells[row].Count} cells; the table has {headers.Count} columns.", nameof(rows));
        }

        var styles = Enumerable.Range(0, headers.Count).Select(column => GetStyle(cells, column)).ToArray();
        // Focusable, so that the keyboard can scroll a wide table.
        _body.Append("<div class=\"table\" tabindex=\"0\" role=\"region\" aria-label=\"").Append(Markup.Escape(caption ?? "Table")).Append(headers.Count < FewestWideColumns ? "\">\n<table>\n" : "\">\n<table class=\"wide\">\n");
        if (caption is not null) _body.Append("<caption>").Append(Markup.Escape(caption)).Append("</caption>\n");
        _body.Append("<thead><tr>");
        for (var column = 0; column < headers.Count; column++) _body.Append("<th scope=\"col\"").Append(styles[column]).Append('>').Append(Markup.Escape(headers[column])).Append("</th>");
        _body.Append("</tr></thead>\n<tbody>\n");
        foreach (var row in cells)
        {
            _body.Append("<tr>");
            for (var column = 0; column < headers.Count; column++) _body.Append("<td").Append(headers[column] == verdictColumn ? GetVerdictStyle(row[column]) : styles[column]).Append('>').Append(Markup.Escape(row[column])).Append("</td>");
            _body.Append("</tr>\n");
        }

        _body.Append("</tbody>\n</table>\n</div>\n");
        return this;
    }

    /// <summary>Adds a table of numbers that are the darker, the larger their share of their row is: a confusion matrix.</summary>
    /// <param name="corner">What stands in the corner: <c>true \ predicted</c>.</param>
    /// <param name="columns">The headings of the columns.</param>
    /// <param name="rows">The heading and the numbers of each row, ≥ 0, as many as there are columns.</param>
    /// <param name="caption">The caption.</param>
    /// <returns>This report.</returns>
    /// <exception cref="ArgumentException">A row has another number of cells than there are columns.</exception>
    public HtmlReport AddMatrix(string corner, IReadOnlyList<string> columns, IReadOnlyList<(string Name, IReadOnlyList<double> Values)> rows, string caption)
    {
        ArgumentNullException.ThrowIfNull(corner);
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(caption);
        _body.Append("<div class=\"table\" tabindex=\"0\" role=\"region\" aria-label=\"").Append(Markup.Escape(caption)).Append("\">\n<table class=\"matrix\">\n<caption>").Append(Markup.Escape(caption)).Append("</caption>\n");
        _body.Append("<thead><tr><th scope=\"col\">").Append(Markup.Escape(corner)).Append("</th>");
        foreach (var column in columns) _body.Append("<th scope=\"col\" class=\"n\">").Append(Markup.Escape(column)).Append("</th>");
        _body.Append("</tr></thead>\n<tbody>\n");
        foreach (var (name, values) in rows)
        {
            if (values.Count != columns.Count) throw new ArgumentException($"A row has {values.Count} numbers; there are {columns.Count} columns.", nameof(rows));
            _body.Append("<tr><th scope=\"row\">").Append(Markup.Escape(name)).Append("</th>");
            var sum = values.Sum();
            foreach (var value in values)
            {
                var share = sum > 0 ? value / sum : 0;
                _body.Append(Markup.Invariant($"<td class=\"n\" style=\"background:color-mix(in srgb, var(--s0) {55 * share:0}%, transparent)\" title=\"{100 * share:0.#} % of the row\">")).Append(Markup.Number(value)).Append("</td>");
            }

            _body.Append("</tr>\n");
        }

        _body.Append("</tbody>\n</table>\n</div>\n");
        return this;
    }

    /// <summary>Adds a chart, as it is now.</summary>
    /// <param name="chart">The chart.</param>
    /// <returns>This report.</returns>
    public HtmlReport AddChart(Chart chart)
    {
        ArgumentNullException.ThrowIfNull(chart);
        chart.Write(_body, string.Create(CultureInfo.InvariantCulture, $"chart{++_charts}"));
        return this;
    }

    /// <summary>Writes a number as reports do: rounded to what a reader needs, in the invariant culture.</summary>
    /// <param name="value">The number.</param>
    /// <returns>The text; a dash for NaN and infinities.</returns>
    public static string Format(double value) => Markup.Number(value);

    /// <summary>Writes the report.</summary>
    /// <param name="stream">Where to write; it is left open.</param>
    /// <param name="cancellationToken">Cancels the writing.</param>
    /// <returns>A task that completes when it is written.</returns>
    public async Task WriteAsync(Stream stream, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        await stream.WriteAsync(Encoding.UTF8.GetBytes(ToString()), cancellationToken).ConfigureAwait(false);
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gets the report as HTML.</summary>
    /// <returns>The HTML, to be stored as UTF-8.</returns>
    public override string ToString() => $"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{Markup.Escape(_title)}</title>
        <style>
        {ReportStyle.Css}
        </style>
        </head>
        <body>
        <main>
        <h1>{Markup.Escape(_title)}</h1>
        {_body}</main>
        </body>
        </html>

        """;

    private static string GetStyle(IReadOnlyList<string>[] rows, int column)
    {
        const int ShortLength = 24, LongLength = 48;
        if (rows.Length == 0) return "";
        if (column > 0 && rows.All(row => IsNumber(row[column]))) return " class=\"n\"";
        var longest = rows.Max(row => row[column].Length);
        return longest <= ShortLength ? " class=\"s\"" : longest >= LongLength ? " class=\"l\"" : "";
    }

    private static string GetVerdictStyle(string text) => text switch
    {
        _ when Begins(text, "fail") || Begins(text, "drift") => " class=\"s fail\"",
        _ when Begins(text, "warn") || Begins(text, "not ") => " class=\"s warn\"",
        _ when Begins(text, "pass") || Begins(text, "no drift") => " class=\"s pass\"",
        _ => " class=\"s\"",
    };

    private static bool Begins(string text, string verdict) => text.StartsWith(verdict, StringComparison.OrdinalIgnoreCase);

    private static bool IsNumber(string text)
        => text is "" or "–" or "undefined" || double.TryParse(text.TrimStart('<', ' ').TrimEnd('%', ' '), NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out _);
}
