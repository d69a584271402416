using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Mlops.Architecture.Tests;

/// <summary>Compares docs/telemetry.md with what the packages really make.</summary>
public sealed partial class TelemetryTests
{
    private static readonly string[][] s_metrics = ReadTable("Metrics"), s_spans = ReadTable("Spans");

    [Fact]
    public void Instruments_OfAllPackages_AreThoseOfTheDocumentation()
    {
        var made = new SortedSet<string>(StringComparer.Ordinal);
        using var listener = new MeterListener { InstrumentPublished = (instrument, _) => AddOwn(made, instrument) };
        listener.Start();
        Assert.NotEmpty(CreateAll());

        Assert.Equal(made, s_metrics.Select(row => $"{row[0]} | {row[1]} | {row[2]} | {row[3]}"));
        Assert.All(s_metrics, row => Assert.NotEmpty(row[5]));
    }

    /// <summary>Instruments do not say which tags they take, so the texts in the sources of their package are compared.</summary>
    [Fact]
    public void Tags_OfAllPackages_AreThoseOfTheDocumentation()
    {
        var names = s_metrics.Select(row => row[0]).ToHashSet();
        foreach (var package in Repository.Packages)
        {
            // Runs and model versions have tags too, which are no telemetry.
            var measuring = Sources(package).Where(source => source.Contains("Meter", StringComparison.Ordinal) || source.Contains("Activity", StringComparison.Ordinal));
            var used = measuring.SelectMany(source => Tag().Matches(source).Select(match => match.Groups["tag"].Value)).Where(text => !names.Contains(text)).ToHashSet();
            var told = s_metrics.Where(row => row[1] == package).Select(row => row[4]).Concat(s_spans.Where(row => row[1] == package).Select(row => row[2]))
                .SelectMany(tags => tags.Split(", ", StringSplitOptions.RemoveEmptyEntries)).ToHashSet();
            Assert.Equal(told.Order(StringComparer.Ordinal), used.Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void Spans_OfAllPackages_AreThoseOfTheDocumentation()
    {
        foreach (var package in Repository.Packages)
        {
            var sources = Sources(package).ToArray();
            var told = s_spans.Where(row => row[1] == package).Select(row => row[0]).ToArray();
            Assert.Equal(told.Length > 0, sources.Any(source => source.Contains("new(Name, s_version)", StringComparison.Ordinal) && source.Contains("ActivitySource", StringComparison.Ordinal)));
            Assert.Equal(told, sources.SelectMany(source => SpanName().Matches(source).Select(match => match.Groups["name"].Value)).Distinct().Order(StringComparer.Ordinal));
        }
    }

    /// <summary>The packages' own instruments, without a container.</summary>
    private static object[] CreateAll()
        => [.. Repository.Packages.SelectMany(package => Assembly.Load(package).GetTypes()).Where(type => type.Name.EndsWith("Telemetry", StringComparison.Ordinal))
            .Select(type => type.GetMethod("Create", BindingFlags.Static | BindingFlags.Public)!.Invoke(null, [null])!)];

    private static void AddOwn(SortedSet<string> made, Instrument instrument)
    {
        if (instrument.Meter.Scope is not null || !instrument.Meter.Name.StartsWith("Mlops.", StringComparison.Ordinal)) return;
        var kind = instrument.GetType().Name.Split('`')[0] switch { "UpDownCounter" => "up-down counter", "ObservableUpDownCounter" => "observable up-down counter", "ObservableGauge" => "observable gauge", var other => other.ToLowerInvariant() };
        made.Add($"{instrument.Name} | {instrument.Meter.Name} | {kind} | {instrument.Unit}");
        Assert.False(string.IsNullOrEmpty(instrument.Description), $"{instrument.Name} has no description.");
    }

    private static IEnumerable<string> Sources(string package)
        => Directory.EnumerateFiles(Repository.PathOf("src", package), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText);

    /// <summary>The cells of a table, without the marks of code.</summary>
    private static string[][] ReadTable(string heading)
    {
        var section = File.ReadAllText(Repository.PathOf("docs", "telemetry.md")).ReplaceLineEndings("\n").Split($"## {heading}\n")[1].Split("\n## ")[0];
        return [.. section.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Trim('|', ' ').Split(" | ").Select(cell => cell.Replace("`", "", StringComparison.Ordinal).Trim()).ToArray())];
    }

    [GeneratedRegex("\"(?<tag>(mlops\\.[a-z_.]+|error\\.type))\"")]
    private static partial Regex Tag();

    [GeneratedRegex("\\$\"(?<name>(predict|load|train|evaluate|validate) \\{\\w+\\})\"")]
    private static partial Regex SpanName();
}
