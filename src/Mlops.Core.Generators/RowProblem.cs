using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Mlops.Core.Generators;

/// <summary>A diagnostic as a value: the location is copied, because a real one keeps its syntax tree alive.</summary>
internal sealed record RowProblem(DiagnosticDescriptor Descriptor, string Path, TextSpan Span, LinePositionSpan Lines, EquatableArray<string> Arguments)
{
    public static RowProblem Create(DiagnosticDescriptor descriptor, Location location, params string[] arguments)
        => new(descriptor, location.SourceTree?.FilePath ?? "", location.SourceSpan, location.GetLineSpan().Span, arguments.ToEquatableArray());

    public Diagnostic ToDiagnostic() => Diagnostic.Create(Descriptor, Location.Create(Path, Span, Lines), [.. Arguments]);
}
