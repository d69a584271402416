using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Mlops.Models;

namespace Mlops.Core.Generators.Tests;

/// <summary>The generator at work on a source text, in the oldest compiler that it supports.</summary>
internal sealed class GeneratorRun
{
    private static readonly CSharpParseOptions s_language = new(LanguageVersion.Preview);

    private static readonly MetadataReference[] s_references =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path))];

    private GeneratorDriver _driver;
    private CSharpCompilation _compilation;

    private GeneratorRun(string source)
    {
        _driver = CSharpGeneratorDriver.Create(
            [new TensorRowGenerator().AsSourceGenerator()], parseOptions: s_language, driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));
        _compilation = CSharpCompilation.Create(
            "Rows", [Parse(source)], s_references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable, warningLevel: 9999));
        Run();
    }

    public GeneratorRunResult Result => _driver.GetRunResult().Results[0];

    /// <summary>Gets the texts that were written, by the names of their files.</summary>
    public IReadOnlyDictionary<string, string> Sources => Result.GeneratedSources.ToDictionary(source => source.HintName, source => source.SourceText.ToString());

    public IReadOnlyList<Diagnostic> Problems => Result.Diagnostics;

    public static GeneratorRun Of(string source) => new($"using System;\nusing Mlops.Data;\nusing Mlops.Models;\n{source}");

    /// <summary>Runs the same generator again, after an edit.</summary>
    public GeneratorRun Edit(string before, string after)
    {
        var tree = _compilation.SyntaxTrees[0];
        var text = tree.ToString();
        Assert.Contains(before, text, StringComparison.Ordinal);
        _compilation = _compilation.ReplaceSyntaxTree(tree, Parse(text.Replace(before, after, StringComparison.Ordinal)));
        return Run();
    }

    public GeneratorRun AddFile(string source)
    {
        _compilation = _compilation.AddSyntaxTrees(Parse(source));
        return Run();
    }

    /// <summary>Why each output of a step was made in the last run.</summary>
    public IEnumerable<IncrementalStepRunReason> ReasonsOf(string step) => Result.TrackedSteps[step].SelectMany(run => run.Outputs).Select(output => output.Reason);

    /// <summary>Compiles what was written together with the source; not even a warning may be left.</summary>
    public Type Compile(string type)
    {
        Assert.Empty(Problems);
        _driver.RunGeneratorsAndUpdateCompilation(_compilation, out var whole, out _);
        using var stream = new MemoryStream();
        var result = whole.Emit(stream);
        Assert.True(result.Success && result.Diagnostics.All(diagnostic => diagnostic.Severity == DiagnosticSeverity.Hidden), string.Join('\n', result.Diagnostics) + "\n" + string.Join('\n', Sources.Values));
        stream.Position = 0;
        return new AssemblyLoadContext("Rows", isCollectible: true).LoadFromStream(stream).GetType(type, throwOnError: true)!;
    }

    /// <summary>Compiles, and gets the tensors of a type as text.</summary>
    public string TensorsOf(string type) => string.Join("; ", ((IReadOnlyList<TensorSpec>)Compile(type).GetProperty("Tensors")!.GetValue(null)!)
        .Select(tensor => $"{tensor}{(tensor.Columns.Count > 0 ? $" of {string.Join("+", tensor.Columns)}" : "")}"));

    private GeneratorRun Run()
    {
        _driver = _driver.RunGenerators(_compilation);
        Assert.Null(Result.Exception);
        return this;
    }

    private static SyntaxTree Parse(string source) => CSharpSyntaxTree.ParseText(source, s_language, "Rows.cs");
}
