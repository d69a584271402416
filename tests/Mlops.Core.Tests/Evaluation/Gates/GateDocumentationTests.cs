using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Mlops.Evaluation;

namespace Mlops.Core.Tests.Evaluation;

/// <summary>docs/gates.md names every gate with every property that can be set, and its default.</summary>
public sealed partial class GateDocumentationTests
{
    private static readonly string[] s_common = ["Name", "IsOptional"];
    private static readonly string[][] s_rows = [.. File.ReadAllLines(TestFiles.PathOf("docs", "gates.md"), Encoding.UTF8).Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Select(line => line.Split('|')[1..^1].Select(cell => cell.Trim()).ToArray())];

    public static TheoryData<string> Gates => [.. Types().Select(type => type.Name)];

    [Theory]
    [MemberData(nameof(Gates))]
    public void Gate_IsDocumented(string gate)
        => Assert.Contains(s_rows, row => row[0] == $"`{Create(gate).Name}`" && row[1] == $"`{gate}`");

    [Theory]
    [MemberData(nameof(Gates))]
    public void Defaults_AreDocumented(string gate)
    {
        var validator = Create(gate);
        var documented = RowsOf(gate).SelectMany(row => Names().Matches(row[1]).Select(match => (Property: match.Groups[1].Value, Default: row[2]))).ToDictionary(pair => pair.Property, pair => pair.Default);
        var settable = Settable(validator.GetType()).Where(property => !s_common.Contains(property.Name)).ToArray();
        Assert.Equal(settable.Select(property => property.Name).Order(StringComparer.Ordinal), documented.Keys.Order(StringComparer.Ordinal));
        foreach (var property in settable)
        {
            var value = property.GetValue(validator);
            if (documented[property.Name] == "as of the champion") Assert.Equal(typeof(ChampionValidator).GetProperty(property.Name)!.GetValue(Create(nameof(ChampionValidator))), value);
            else Assert.True(Says(documented[property.Name], value), $"{gate}.{property.Name} is {value}, docs/gates.md says {documented[property.Name]}.");
        }
    }

    /// <summary>The rule of the page: optional is never the default, and a name can be given.</summary>
    [Theory]
    [MemberData(nameof(Gates))]
    public void CommonProperties_AreAsThePageSays(string gate)
    {
        var type = Create(gate).GetType();
        Assert.NotNull(type.GetProperty("Name")!.SetMethod);
        if (type.GetProperty("IsOptional") is { } optional) Assert.Equal(false, optional.GetValue(Create(gate)));
    }

    /// <summary>No limit takes what is no number or makes no sense.</summary>
    [Theory]
    [MemberData(nameof(Gates))]
    public void Limits_Nonsense_IsRefused(string gate)
    {
        var validator = Create(gate);
        foreach (var property in Settable(validator.GetType()))
        {
            object[] nonsense = (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) switch
            {
                { IsEnum: true } type => [Enum.ToObject(type, 99)],
                { } type when type == typeof(double) => [double.NaN, double.PositiveInfinity],
                { } type when type == typeof(int) => [-1],
                { } type when type == typeof(long) => [-1L],
                { } type when type == typeof(TimeSpan) => [TimeSpan.Zero],
                _ => [],
            };
            foreach (var value in nonsense)
            {
                var error = Assert.Throws<TargetInvocationException>(() => property.SetValue(validator, value)).InnerException;
                Assert.Equal(property.Name, Assert.IsType<ArgumentOutOfRangeException>(error).ParamName);
            }
        }
    }

    private static IEnumerable<Type> Types() => typeof(IModelValidator).Assembly.GetExportedTypes().Where(type => typeof(IModelValidator).IsAssignableFrom(type) && type.IsClass);

    private static IEnumerable<PropertyInfo> Settable(Type type) => type.GetProperties().Where(property => property.SetMethod is not null);

    private static IModelValidator Create(string gate)
    {
        var type = Types().Single(type => type.Name == gate);
        var text = type.GetConstructor([typeof(string)]);
        return (IModelValidator)(text is not null ? text.Invoke(["rmse"]) : type.GetConstructor([]) is { } none ? none.Invoke([]) : type.GetConstructors().Single().Invoke([null]));
    }

    private static IEnumerable<string[]> RowsOf(string gate)
    {
        var table = s_rows.SkipWhile(row => row[0] != "gate").Skip(1).ToArray();
        var from = Array.FindIndex(table, row => row[0] == $"`{gate}`");
        Assert.True(from >= 0, $"docs/gates.md does not say what {gate} can be set to.");
        return table.Skip(from).Take(1).Concat(table.Skip(from + 1).TakeWhile(row => row[0].Length == 0));
    }

    private static bool Says(string text, object? value) => value switch
    {
        null => text.StartsWith("none", StringComparison.Ordinal) || text.StartsWith("that of", StringComparison.Ordinal) || text.StartsWith("those of", StringComparison.Ordinal) || text.StartsWith("what chance", StringComparison.Ordinal),
        IReadOnlyList<string> list => list.Count == 0 && text == "none",
        bool flag => text == (flag ? "`true`" : "`false`"),
        Enum => text == $"`{value}`",
        TimeSpan time => text == string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds} ms"),
        long bytes => text == $"{bytes >> 30} GiB",
        IFormattable number => text == number.ToString(null, CultureInfo.InvariantCulture),
        _ => false,
    };

    [GeneratedRegex("`([A-Za-z0-9]+)`")]
    private static partial Regex Names();
}
