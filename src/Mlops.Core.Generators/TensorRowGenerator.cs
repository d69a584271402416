using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Mlops.Core.Generators;

/// <summary>Implements <c>ITensorRow</c> for the types that bear a <c>TensorRowAttribute</c>.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class TensorRowGenerator : IIncrementalGenerator
{
    internal const string Results = "Results";
    internal const string Rows = "Rows";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var results = context.SyntaxProvider
            .ForAttributeWithMetadataName("Mlops.Models.TensorRowAttribute", static (node, _) => node is TypeDeclarationSyntax, static (found, token) => RowParser.Parse(found, token))
            .WithTrackingName(Results);
        // Rows apart from problems: a problem that only moved in its file does not have the others written again.
        var rows = results.Select(static (result, _) => result.Row).Where(static row => row is not null).WithTrackingName(Rows);
        context.RegisterSourceOutput(rows, static (output, row) => output.AddSource($"{row!.FileName}.TensorRow.g.cs", SourceText.From(RowWriter.Write(row), Encoding.UTF8)));
        context.RegisterSourceOutput(results.SelectMany(static (result, _) => result.Problems), static (output, problem) => output.ReportDiagnostic(problem.ToDiagnostic()));
    }
}
