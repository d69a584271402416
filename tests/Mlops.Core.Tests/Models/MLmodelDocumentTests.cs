using System.Text;
using Mlops.Data;
using Mlops.Models;

namespace Mlops.Core.Tests.Models;

public sealed class MLmodelDocumentTests
{
    public static TheoryData<string> Texts =>
    [
        "", " ", "plain", "null", "Null", "~", "true", "False", "YES", "no", "on", "Off", "y", "N", "12", "-1", "+1", "1.5", "1e5", ".5", ".nan", "0x1F", "1_000", "12:30:45",
        "2020-01-01", "a: b", "a #b", "# c", "- a", "? a", ": a", "[a]", "{a}", "a]", "*a", "&a", "!a", "%a", "@a", "`a", "|", ">", "<<", "=", "a'b", "a\"b", "a\\b", "'", "\"",
        " leading", "trailing ", "line\nbreak", "ends with break\n", "...\n", "---", "--- a", "tab\tin", "\ttab", "cr\rlf\r\n", "nul\0", "bell\a", "ünï¢ødé", "日本", "😀", "\u0085", "\u2028", "\uFEFF",
        "models/a-b_c.onnx", "a,b", "Infinity", "NaN", "∞", new string('x', 5000), string.Join(' ', Enumerable.Repeat("word", 500)),
    ];

    [Theory]
    [MemberData(nameof(Texts))]
    public void FromYaml_AnyText_ComesBackAsTheSameText(string text)
    {
        var settings = new Dictionary<string, object?> { ["value"] = text, ["list"] = new[] { text, text }, ["map"] = new Dictionary<string, object?> { ["inner"] = text } };
        if (text.Length > 0) settings["key " + text] = "of any text";
        var signature = new ModelSignature([TensorSpec.Of<float>(text.Length > 0 ? text : "x", 1, text)], [TensorSpec.Of<float>("y")]);
        var back = RoundTrip(settings, signature);
        var read = back.Flavors[0].Value;
        Assert.Equal(text, read["value"]);
        Assert.Equal([text, text], Assert.IsType<object?[]>(read["list"]));
        Assert.Equal(text, Assert.IsType<Dictionary<string, object?>>(read["map"])["inner"]);
        if (text.Length > 0) Assert.Equal("of any text", read["key " + text]);
        Assert.Equal(signature, back.Signature);
    }

    public static TheoryData<object?, object?> Values => new()
    {
        { null, null },
        { true, true },
        { false, false },
        { 0, 0L },
        { (byte)255, 255L },
        { -7L, -7L },
        { long.MinValue, long.MinValue },
        { 1.0, 1.0 },
        { -0.5f, -0.5 },
        { 1e-5, 1e-5 },
        { 1e300, 1e300 },
        { 123456789012345680.0, 123456789012345680.0 },
        { double.Epsilon, double.Epsilon },
        { double.NaN, double.NaN },
        { double.PositiveInfinity, double.PositiveInfinity },
        { float.NegativeInfinity, double.NegativeInfinity },
        { 2.50m, 2.5 },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void FromYaml_AnyValue_ComesBackAsTheSameValue(object? value, object? expected)
        => Assert.Equal(expected, RoundTrip(new Dictionary<string, object?> { ["value"] = value }).Flavors[0].Value["value"]);

    [Theory]
    [InlineData(1.0, "1.0")]
    [InlineData(1e-5, "1.0E-05")]
    [InlineData(1.5e300, "1.5E+300")]
    public void ToYaml_FloatingPoint_HasThePointThatPythonWants(double value, string expected)
        => Assert.Contains($"value: {expected}\n", Encoding.UTF8.GetString(Document(new Dictionary<string, object?> { ["value"] = value }).ToYaml()), StringComparison.Ordinal);

    [Fact]
    public void ToYaml_SettingOfAnotherType_Throws()
        => Assert.Throws<ArgumentException>(() => Document(new Dictionary<string, object?> { ["value"] = new DateOnly(2020, 1, 1) }).ToYaml());

    [Fact]
    public void FromYaml_MapsOfAnyKind_ComeBack()
    {
        var read = RoundTrip(new Dictionary<string, object?> { ["map"] = new SortedList<string, int> { ["a"] = 1, ["no"] = 2 }, ["empty"] = Array.Empty<int>() }).Flavors[0].Value;
        Assert.Equal(new Dictionary<string, object?> { ["a"] = 1L, ["no"] = 2L }, read["map"]);
        Assert.Empty(Assert.IsType<object?[]>(read["empty"]));
    }

    [Fact]
    public void FromYaml_EveryTensorType_ComesBack()
    {
        var types = Enum.GetValues<ElementType>().Where(type => type.IsNumeric() || type == ElementType.String).ToArray();
        var signature = new ModelSignature(
            types.Select(type => new TensorSpec($"in {type}", type, [-1, 3, -1])),
            types.Select(type => new TensorSpec($"out {type}", type, [])));
        Assert.Equal(signature, RoundTrip([], signature).Signature);
    }

    [Fact]
    public void FromYaml_Time_ComesBackToTheMicrosecond()
    {
        var time = new DateTimeOffset(2026, 7, 8, 9, 10, 11, TimeSpan.FromHours(2)).AddMicroseconds(123456);
        var document = new MLmodelDocument { Flavors = [], CreatedAt = time, Uuid = "00ff" };
        var yaml = Encoding.UTF8.GetString(document.ToYaml());
        Assert.Contains("utc_time_created: '2026-07-08 07:10:11.123456'", yaml, StringComparison.Ordinal);
        Assert.Equal(time, MLmodelDocument.FromYaml(yaml).CreatedAt);
        Assert.Equal("00ff", MLmodelDocument.FromYaml(yaml).Uuid);
    }

    private static MLmodelDocument Document(IReadOnlyDictionary<string, object?> settings, ModelSignature? signature = null)
        => new() { Flavors = [new("onnx", settings)], Signature = signature };

    private static MLmodelDocument RoundTrip(Dictionary<string, object?> settings, ModelSignature? signature = null)
        => MLmodelDocument.FromYaml(Encoding.UTF8.GetString(Document(settings, signature).ToYaml()));
}
