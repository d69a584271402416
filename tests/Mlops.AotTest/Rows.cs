using System.Collections.Immutable;
using Mlops.Data;
using Mlops.Models;

namespace Mlops.AotTest;

/// <summary>A row with a property of every kind.</summary>
[TensorRow]
internal sealed partial record Everything(
    float Single,
    double? Double,
    long Count,
    bool Flag,
    string Text,
    string? Note,
    DateOnly Day,
    DateTimeOffset? Time,
    [TensorShape(3)] float[] Vector,
    [TensorShape(2)] ImmutableArray<string> Words,
    [TensorShape(2, 2)] ReadOnlyMemory<double> Matrix)
{
    [TensorColumn("renamed")]
    public Half Half { get; set; }
}

/// <summary>The columns of one tensor.</summary>
[TensorRow(Tensor = "x", ElementType = ElementType.Float32)]
internal readonly partial record struct Pair(float? First, int Second);

[TensorRow]
internal readonly partial record struct Answer([TensorColumn("y")] float Value);
