using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;

namespace Mlops.Core.Generators.Tests;

public sealed partial class TensorRowDiagnosticTests
{
    /// <summary>Each diagnostic names the type or property, points to it, and says the remedy.</summary>
    [Theory]
    [InlineData("MLOPS001", "[TensorRow] public record §T(float A);", "'T' is not partial; write 'partial'")]
    [InlineData("MLOPS002", "public class Outer { [TensorRow] public partial record §T(float A); }", "'T' lies in 'Outer', which is not partial; write 'partial'")]
    [InlineData("MLOPS003", "[TensorRow] public partial record §T<X>(float A);", "'T' is generic", "write a type without type parameters")]
    [InlineData("MLOPS003", "public partial class Outer<X> { [TensorRow] public partial record §T(float A); }", "'T' is generic, or lies in a generic type")]
    [InlineData("MLOPS003", "[TensorRow] public static partial class §T { }", "'T' is static")]
    [InlineData("MLOPS003", "[TensorRow] public abstract partial record §T(float A);", "'T' is abstract", "mark the types that derive from it")]
    [InlineData("MLOPS003", "[TensorRow] public ref partial struct §T { public float A { get; set; } }", "'T' is a ref struct", "make it a struct")]
    [InlineData("MLOPS004", "[TensorRow] public partial class §T { public float A => 1; private float B { get; set; } }", "'T' has no property to map")]
    [InlineData("MLOPS005", "[TensorRow] public partial record T(DayOfWeek §A);", "'T.A' is of the type 'DayOfWeek'", "the number or the text that the model was trained with", "[TensorIgnore]")]
    [InlineData("MLOPS005", "[TensorRow] public partial record T(DayOfWeek? §A);", "'T.A' is of the type 'DayOfWeek?'", "the number or the text that the model was trained with")]
    [InlineData("MLOPS005", "[TensorRow] public partial record T(decimal §A);", "'T.A' is of the type 'decimal'", "make it a double")]
    [InlineData("MLOPS005", "[TensorRow] public partial record T(char §A);", "make it a string")]
    [InlineData("MLOPS005", "[TensorRow] public partial record T(TimeSpan §A);", "make it a number of the unit")]
    [InlineData("MLOPS005", "[TensorRow] public partial record T(object §A);", "'T.A' is of the type 'object'", "make it a number, a bool, a string")]
    [InlineData("MLOPS005", "[TensorRow] public partial record T([TensorShape(2)] float[,] §A);", "an array of one dimension")]
    [InlineData("MLOPS005", "[TensorRow] public partial record T([TensorShape(2)] float?[] §A);", "NaN where one is missing")]
    [InlineData("MLOPS005", "[TensorRow] public partial record T([TensorShape(2)] DateOnly[] §A);", "'T.A' is of the type 'DateOnly[]'")]
    [InlineData("MLOPS005", "[TensorRow] public partial record T([TensorShape(2)] System.Collections.Generic.List<float> §A);", "make it an array or a ReadOnlyMemory")]
    [InlineData("MLOPS005", "[TensorRow] public partial record T([TensorShape(2)] ReadOnlyMemory<float>? §A);", "make it an array or a ReadOnlyMemory, non-nullable")]
    [InlineData("MLOPS006", "[TensorRow] public partial record T(int? §A);", "'T.A' may be null, but a tensor of Int32 cannot hold a missing value", "make it non-nullable", "ElementType.Float32")]
    [InlineData("MLOPS006", "[TensorRow] public partial record T(bool? §A);", "a tensor of Boolean")]
    [InlineData("MLOPS006", "[TensorRow] public partial record T(DateOnly? §A);", "a tensor of Int64")]
    [InlineData("MLOPS006", "[TensorRow] public partial record T([TensorShape(2)] int[]? §A);", "'T.A' may be null")]
    [InlineData("MLOPS007", "[TensorRow] public partial record T([TensorColumn(\"x\")] float A, [TensorColumn(\"x\")] float §B);", "'T.A' and 'T.B' are both the tensor 'x'")]
    [InlineData("MLOPS007", "[TensorRow(Tensor = \"x\")] public partial record T(float A, [TensorColumn(\"x\")] string §B);", "'T.A' and 'T.B' are both the tensor 'x'")]
    [InlineData("MLOPS007", "[TensorRow(Tensor = \"x\")] public partial record T([TensorColumn(\"c\")] float A, [TensorColumn(\"c\")] float §B);", "'T.A' and 'T.B' are both the column 'c'")]
    [InlineData("MLOPS008", "[TensorRow] public partial record T(float[] §A);", "'T.A' is a vector whose number of elements is not known", "[TensorShape(16)]")]
    [InlineData("MLOPS008", "[TensorRow] public partial record T([TensorShape(0)] float[] §A);", "'T.A' has a dimension below 1")]
    [InlineData("MLOPS008", "[TensorRow] public partial record T([TensorShape(-1, 3)] float[] §A);", "'T.A' has a dimension below 1")]
    [InlineData("MLOPS008", "[TensorRow] public partial record T([TensorShape(65536, 65536)] float[] §A);", "'T.A' has more elements in each row than one tensor can hold")]
    [InlineData("MLOPS008", "[TensorRow] public partial record T([TensorShape(2)] float §A);", "'T.A' is a single value, but its [TensorShape] has 2 elements", "make it an array")]
    [InlineData("MLOPS009", "[TensorRow] public partial class §T { public T(float b) => A = b; public float A { get; set; } }", "'T' cannot be read from tensors", "takes 'b'")]
    [InlineData("MLOPS009", "[TensorRow] public partial class §T { public T(float a) => A = a; public T(int b) => B = b; public float A { get; } public int B { get; } }", "no constructor takes all of its properties that have no setter, 'B'")]
    [InlineData("MLOPS010", "[TensorRow(Tensor = \"x\")] public partial record T(float A, int §B);", "'T.B' does not fit the tensor 'x'", "it is Int32, but 'T.A' is Float32", "ElementType")]
    [InlineData("MLOPS010", "[TensorRow] public partial record T([TensorColumn(Tensor = \"x\")] string A, [TensorColumn(Tensor = \"x\")] float §B);", "it is Float32, but 'T.A' is String")]
    [InlineData("MLOPS010", "[TensorRow] public partial record T([TensorColumn(ElementType = ElementType.Int32)] long §A);", "Int32 does not hold every value of Int64")]
    [InlineData("MLOPS010", "[TensorRow] public partial record T([TensorColumn(ElementType = ElementType.Int64)] ulong §A);", "Int64 does not hold every value of UInt64")]
    [InlineData("MLOPS010", "[TensorRow] public partial record T([TensorColumn(ElementType = ElementType.Int64)] float §A);", "Int64 does not hold every value of Float32")]
    [InlineData("MLOPS010", "[TensorRow] public partial record T([TensorColumn(ElementType = ElementType.Boolean)] int §A);", "Boolean does not hold every value of Int32")]
    [InlineData("MLOPS010", "[TensorRow] public partial record T([TensorColumn(ElementType = ElementType.Float32)] DateTime §A);", "Float32 does not hold every value of Timestamp")]
    [InlineData("MLOPS010", "[TensorRow] public partial record T([TensorColumn(ElementType = ElementType.Float32)] string §A);", "Float32 does not hold every value of String")]
    [InlineData("MLOPS010", "[TensorRow] public partial record T([TensorColumn(ElementType = ElementType.Date)] DateOnly §A);", "no tensor has elements of the type Date")]
    [InlineData("MLOPS010", "[TensorRow] public partial record T([TensorShape(2), TensorColumn(ElementType = ElementType.Float64)] float[] §A);", "a vector of Float32 is copied as it is")]
    [InlineData("MLOPS010", "[TensorRow] public partial record T([TensorColumn(Tensor = \"x\", ElementType = ElementType.Float32)] float A, [TensorColumn(Tensor = \"x\", ElementType = ElementType.Float64)] float §B);", "it says Float64, but 'T.A' says Float32")]
    [InlineData("MLOPS011", "[TensorRow] public partial record T(float A) { public float §Tensors => A; }", "'T' already has a member 'Tensors'", "implement ITensorRow<T> by hand")]
    [InlineData("MLOPS011", "[TensorRow] public partial record T(float A) { public void §Write(TensorBatch batch, int row) { } }", "'T' already has a member 'Write'")]
    [InlineData("MLOPS012", "[TensorRow] public partial record T(float A) { [TensorColumn] public float §B => A; }", "'T.B' cannot be set when a row is read; give it a setter")]
    [InlineData("MLOPS012", "[TensorRow] public partial record T(float A) { [TensorColumn] public float §B { set { } } }", "'T.B' cannot be read; give it a getter")]
    [InlineData("MLOPS012", "[TensorRow] public partial record T(float A) { [TensorColumn] public static float §B { get; set; } }", "'T.B' is static")]
    [InlineData("MLOPS012", "[TensorRow] public partial record T(float A) { [TensorColumn] public float §this[int i] { get => A; set { } } }", "is an indexer")]
    public void Generate_TypeThatCannotBeMapped_SaysWhereAndWhatToDo(string id, string source, params string[] parts)
    {
        var run = GeneratorRun.Of(source.Replace("§", "", StringComparison.Ordinal));

        var problem = Assert.Single(run.Problems);
        Assert.Equal((id, DiagnosticSeverity.Error), (problem.Id, problem.Severity));
        var message = problem.GetMessage(CultureInfo.InvariantCulture);
        Assert.All(parts, part => Assert.Contains(part, message, StringComparison.Ordinal));
        Assert.DoesNotContain("{", message, StringComparison.Ordinal);
        Assert.Equal((3, source.IndexOf('§', StringComparison.Ordinal)), (problem.Location.GetLineSpan().StartLinePosition.Line, problem.Location.GetLineSpan().StartLinePosition.Character));
        Assert.Empty(run.Sources);
    }

    /// <summary>Every problem of a type is told at once.</summary>
    [Fact]
    public void Generate_SeveralProblems_AreAllTold()
        => Assert.Equal(["MLOPS005", "MLOPS008", "MLOPS005"], GeneratorRun.Of("[TensorRow] public partial record T(decimal A, float[] B, char C);").Problems.Select(problem => problem.Id));

    /// <summary>docs/typed-rows.md explains each, and no other.</summary>
    [Fact]
    public void Document_OfDiagnostics_HasARowForEach()
    {
        var documented = RowOfTable().Matches(File.ReadAllText(Path.Combine(FindRoot(), "docs", "typed-rows.md"))).Select(match => match.Groups[1].Value);
        Assert.Equal(AllDescriptors().Select(descriptor => descriptor.Id), documented);
    }

    private static IEnumerable<DiagnosticDescriptor> AllDescriptors()
        => typeof(Descriptors).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (DiagnosticDescriptor)field.GetValue(null)!).OrderBy(descriptor => descriptor.Id, StringComparer.Ordinal);

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Mlops.sln"))) directory = directory.Parent!;
        return directory.FullName;
    }

    [GeneratedRegex(@"^\| `(MLOPS\d{3})` \|", RegexOptions.Multiline)]
    private static partial Regex RowOfTable();
}
