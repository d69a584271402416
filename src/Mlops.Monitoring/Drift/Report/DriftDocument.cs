using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Mlops.Monitoring;

/// <summary>Reads reports and series from JSON, and says where JSON that holds none goes wrong.</summary>
internal static class DriftDocument
{
    /// <summary>Reads a document.</summary>
    /// <param name="json">The JSON.</param>
    /// <param name="type">What it holds.</param>
    /// <param name="name">What that is called.</param>
    /// <param name="findFlaw">Finds what types alone do not forbid: where it is, and what is wrong there.</param>
    /// <exception cref="JsonException">The JSON holds no such document.</exception>
    public static T Read<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type, string name, Func<T, (string Path, string Flaw)?> findFlaw)
        where T : class
    {
        T? document;
        try
        {
            document = JsonSerializer.Deserialize(json, type);
        }
        catch (JsonException exception)
        {
            throw new JsonException($"The JSON holds no {name}: at {exception.Path ?? "$"}, {exception.Message}", exception.Path ?? "$", exception.LineNumber, exception.BytePositionInLine, exception);
        }
        catch (ArgumentException exception) // A figure out of its range, of which the reader does not tell the place.
        {
            using var parsed = JsonDocument.Parse(json.ToArray());
            throw Refuse(name, Locate(parsed.RootElement, "$") ?? "$", exception.Message, exception);
        }

        if (document is null) throw Refuse(name, "$", "it is null.", null);
        return findFlaw(document) is var (path, flaw) ? throw Refuse(name, path, flaw, null) : document;
    }

    public static (string Path, string Flaw)? FindFlaw(DriftReport report) => FindFlaw(report, "$");

    public static (string Path, string Flaw)? FindFlaw(DriftSeries series)
    {
        if (series.LeftOutRows < 0) return ("$.leftOutRows", "a number of rows is at least 0.");
        if (!series.SpendingState.IsValid) return ("$.spendingState", "the numbers of the evaluations that alarmed ascend, from 1 to the number of evaluations.");
        for (var i = 0; i < series.Points.Count; i++)
        {
            var path = $"$.points[{i}]";
            if (series.Points[i] is not { } point) return (path, "a point is missing.");
            if (point.Chunk.RowCount < 0) return ($"{path}.chunk.rowCount", "a number of rows is at least 0.");
            if (!(point.Significance is >= 0 and <= 1)) return ($"{path}.significance", "a significance lies between 0 and 1.");
            if (FindFlaw(point.Report, $"{path}.report") is { } flaw) return flaw;
        }

        return null;
    }

    private static (string Path, string Flaw)? FindFlaw(DriftReport report, string path)
    {
        if (report.ReferenceRowCount < 0 || report.CurrentRowCount < 0) return (path, "a number of rows is at least 0.");
        if (!(report.Significance is >= 0 and <= 1)) return ($"{path}.significance", "a significance lies between 0 and 1.");
        if (!Enum.IsDefined(report.Correction)) return ($"{path}.correction", "there is no such correction.");
        for (var i = 0; i < report.Findings.Count; i++)
        {
            if (report.Findings[i] is not { } finding) return ($"{path}.findings[{i}]", "a finding is missing.");
            if (FindFlaw(finding) is { } flaw) return ($"{path}.findings[{i}]", flaw);
            if (finding.Distributions is { } bars && FindFlaw(bars, $"{path}.findings[{i}].distributions") is { } place) return place;
        }

        return null;
    }

    private static string? FindFlaw(DriftFinding finding)
    {
        if (!Enum.IsDefined(finding.Verdict) || !Enum.IsDefined(finding.Result.Verdict)) return "there is no such verdict.";
        if (!Enum.IsDefined(finding.Kind)) return "there is no such kind of finding.";
        if (!Enum.IsDefined(finding.Type)) return "there is no such type of values.";
        if (finding.Result.ReferenceCount < 0 || finding.Result.CurrentCount < 0) return "a number of values is at least 0.";
        return null;
    }

    private static (string Path, string Flaw)? FindFlaw(ColumnDistributions bars, string path)
    {
        // What is not there is read as null, whatever the default of the property.
        if (bars.Quantity is null) return ($"{path}.quantity", "what the bars show is missing.");
        if (bars.Edges is null) return ($"{path}.edges", "the edges of the bars are missing; they are empty for categories.");
        if (bars.Categories is null) return ($"{path}.categories", "the names of the categories are missing; they are empty for numbers.");
        if (bars.Reference.Count != bars.Current.Count) return (path, "the reference and the current data have different numbers of bars.");
        if (bars.Edges.Count > 0 ? bars.Edges.Count != bars.Reference.Count + 1 : bars.Categories.Count != bars.Reference.Count) return (path, "the bars have neither a name each nor edges.");
        for (var i = 0; i < bars.Reference.Count; i++)
        {
            if (!(bars.Reference[i] is >= 0 and <= 1)) return ($"{path}.reference[{i}]", "a share lies between 0 and 1.");
            if (!(bars.Current[i] is >= 0 and <= 1)) return ($"{path}.current[{i}]", "a share lies between 0 and 1.");
        }

        for (var i = 0; i < bars.Edges.Count; i++)
        {
            if (!double.IsFinite(bars.Edges[i]) || (i > 0 && bars.Edges[i] < bars.Edges[i - 1])) return ($"{path}.edges[{i}]", "edges are finite and ascend.");
        }

        for (var i = 0; i < bars.Categories.Count; i++)
        {
            if (bars.Categories[i] is null) return ($"{path}.categories[{i}]", "a category has no name.");
        }

        return null;
    }

    /// <summary>Finds the first finding that cannot be read by itself; <see langword="null"/> where each can.</summary>
    private static string? Locate(JsonElement element, string path)
    {
        if (element.TryGetProperty("points", out var points))
        {
            for (var i = 0; i < points.GetArrayLength(); i++)
            {
                if (Locate(points[i].GetProperty("report"), $"{path}.points[{i}].report") is { } place) return place;
            }
        }

        if (!element.TryGetProperty("findings", out var findings)) return null;
        for (var i = 0; i < findings.GetArrayLength(); i++)
        {
            try
            {
                _ = findings[i].Deserialize(DriftJson.Default.DriftFinding);
            }
            catch (ArgumentException)
            {
                return $"{path}.findings[{i}]";
            }
        }

        return null;
    }

    private static JsonException Refuse(string name, string path, string flaw, Exception? inner)
        => new($"The JSON holds no {name}: at {path}, {flaw}", path, null, null, inner);
}
