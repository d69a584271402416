using Mlops.Data;
using Mlops.Evaluation;
using Mlops.Models;

namespace Mlops.Core.Tests.Evaluation;

public sealed class JudgedOutputTests
{
    private static readonly TensorSpec s_class = TensorSpec.Of<long>("label");
    private static readonly TensorSpec s_nameless = TensorSpec.Of<float>("probabilities", 2);
    private static readonly TensorSpec s_named = s_nameless with { Classes = ["no", "yes"] };
    private static readonly TensorSpec s_three = TensorSpec.Of<float>("probabilities", 3) with { Classes = ["a", "b", "c"] };

    [Fact]
    public void Find_Defaults_PreferProbabilitiesThenFloatingPointThenAnyNumber()
    {
        Assert.Equal((2, 1, "yes"), Find([s_class, TensorSpec.Of<float>("score"), s_named]));
        Assert.Equal((1, 1, null), Find([s_class, s_nameless]));
        Assert.Equal((0, 0, null), Find([s_class]));
        Assert.Equal((0, 0, null), Find([TensorSpec.Of<double>("riders"), s_class]));
        Assert.Null(JudgedOutput.Find([new TensorSpec("open", ElementType.Float32, [-1, -1])]).Element);
    }

    [Fact]
    public void Find_Choices_AreTaken()
    {
        Assert.Equal((1, 0, "no"), Find([s_class, s_named], positiveClass: "no"));
        Assert.Equal((1, 0, "no"), Find([s_class, s_named], element: 0));
        Assert.Equal((0, 0, null), Find([s_class, s_named], output: 0));
        Assert.Equal((1, 1, "b"), Find([s_class, s_three], positiveClass: "b"));
        Assert.Equal((1, 0, "yes"), Find([s_class, s_nameless], element: 0, positiveClass: "yes"));
    }

    [Fact]
    public void Find_WhatIsNotThere_TellsWhatIs()
    {
        Assert.Contains("0 label: Int64[?, 1], 1 probabilities", Assert.Throws<ArgumentOutOfRangeException>(() => JudgedOutput.Find([s_class, s_named], output: 9)).Message, StringComparison.Ordinal);
        Assert.Contains("probabilities: Float32[?, 2]", Assert.Throws<ArgumentOutOfRangeException>(() => JudgedOutput.Find([s_class, s_named], element: 2)).Message, StringComparison.Ordinal);
        Assert.Contains("'no', 'yes'", Assert.Throws<ArgumentException>(() => JudgedOutput.Find([s_named], positiveClass: "Yes")).Message, StringComparison.Ordinal);
        Assert.Contains("'a', 'b', 'c'", Assert.Throws<ArgumentException>(() => JudgedOutput.Find([s_three])).Message, StringComparison.Ordinal);
        Assert.Contains("does not name the classes", Assert.Throws<ArgumentException>(() => JudgedOutput.Find([s_nameless], positiveClass: "yes")).Message, StringComparison.Ordinal);
        Assert.Contains("0 label: String[?]", Assert.Throws<ArgumentException>(() => JudgedOutput.Find([new TensorSpec("label", ElementType.String, [-1])])).Message, StringComparison.Ordinal);
        Assert.Contains("of 'no', not of 'yes'", Assert.Throws<ArgumentException>(() => JudgedOutput.Find([s_named], element: 0, positiveClass: "yes")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_EveryRow_IsTheElementOfThePositiveClass()
    {
        var signature = new ModelSignature([], [s_class, s_named]);
        using var outputs = signature.RentOutputs(2);
        outputs.Get<float>(1).Span[..4].Clear();
        ((ReadOnlySpan<float>)[0.75f, 0.25f, 0.5f, 0.125f]).CopyTo(outputs.Get<float>(1).Span);
        var (last, first) = (JudgedOutput.Find(signature.Outputs), JudgedOutput.Find(signature.Outputs, positiveClass: "no"));
        Assert.Equal([0.25, 0.125], [last.Read(outputs, 0), last.Read(outputs, 1)]);
        Assert.Equal([0.75, 0.5], [first.Read(outputs, 0), first.Read(outputs, 1)]);
    }

    [Theory]
    [InlineData(null, 7.5, true, 7.5)]
    [InlineData("text", 1, true, 1)]
    [InlineData("text", 0, true, 0)]
    [InlineData("text", 2, false, 2)]
    [InlineData("numbers", 2, true, 1)]
    [InlineData("numbers", 1, true, 0)]
    [InlineData("numbers", 0, false, 0)]
    [InlineData("text", double.NaN, true, double.NaN)]
    public void TryGetLabel_Numbers_AreThoseOfTheClasses(string? classes, double value, bool isKnown, double expected)
    {
        var judged = JudgedOutput.Find([classes switch { null => TensorSpec.Of<float>("riders"), "text" => s_named, _ => s_nameless with { Classes = ["1", "2"] } }]);
        Assert.Equal(isKnown, judged.TryGetLabel(value, out var label));
        Assert.Equal(expected, label);
    }

    [Theory]
    [InlineData("yes", true, 1)]
    [InlineData("no", true, 0)]
    [InlineData("Yes", false, 0)]
    [InlineData(null, true, double.NaN)]
    public void TryGetLabel_Texts_AreThoseOfTheClasses(string? value, bool isKnown, double expected)
    {
        Assert.Equal(isKnown, JudgedOutput.Find([s_named]).TryGetLabel(value, out var label));
        Assert.Equal(expected, label);
    }

    [Fact]
    public void Signature_Classes_AreComparedCheckedAndSaved()
    {
        var (a, b) = (new ModelSignature([], [s_named]), new ModelSignature([], [s_named with { Classes = ["yes", "no"] }]));
        Assert.NotEqual(a, b);
        Assert.Contains("element 0 is 'yes' instead of 'no'", a.FindIncompatibility(b), StringComparison.Ordinal);
        Assert.Null(a.FindIncompatibility(new ModelSignature([], [s_nameless])));
        Assert.Throws<ArgumentException>(() => new ModelSignature([], [s_named with { Classes = ["no"] }]));
    }

    private static (int Slot, int? Element, string? PositiveClass) Find(TensorSpec[] outputs, int? output = null, int? element = null, string? positiveClass = null)
    {
        var judged = JudgedOutput.Find(outputs, output, element, positiveClass);
        return (judged.Slot, judged.Element, judged.PositiveClass);
    }
}
