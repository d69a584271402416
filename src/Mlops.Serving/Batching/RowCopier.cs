using Mlops.Data;
using Mlops.Models;

namespace Mlops.Serving;

/// <summary>Copies rows between tensors of one slot, whatever the type of the elements.</summary>
internal abstract class RowCopier
{
    public static RowCopier[] Create(IReadOnlyList<TensorSpec> specs) => [.. specs.Select(Create)];

    /// <summary>Copies rows; those of both tensors have the same width.</summary>
    public abstract void Copy(TensorBuffer source, int sourceRow, TensorBuffer target, int targetRow, int rows);

    /// <summary>Copies a tensor without rows.</summary>
    public abstract void CopyScalar(TensorBuffer source, TensorBuffer target);

    public abstract bool AreEqual(TensorBuffer left, TensorBuffer right);

    public abstract int Hash(TensorBuffer buffer);

    private static RowCopier Create(TensorSpec spec) => spec.ElementType switch
    {
        ElementType.Boolean => new Typed<bool>(),
        ElementType.Int8 => new Typed<sbyte>(),
        ElementType.Int16 => new Typed<short>(),
        ElementType.Int32 => new Typed<int>(),
        ElementType.Int64 => new Typed<long>(),
        ElementType.UInt8 => new Typed<byte>(),
        ElementType.UInt16 => new Typed<ushort>(),
        ElementType.UInt32 => new Typed<uint>(),
        ElementType.UInt64 => new Typed<ulong>(),
        ElementType.Float16 => new Typed<Half>(),
        ElementType.Float32 => new Typed<float>(),
        ElementType.Float64 => new Typed<double>(),
        _ => new Typed<string>(),
    };

    private sealed class Typed<T> : RowCopier
        where T : IEquatable<T>
    {
        public override void Copy(TensorBuffer source, int sourceRow, TensorBuffer target, int targetRow, int rows)
        {
            var from = ((TensorBuffer<T>)source).Span;
            var width = from.Length / (int)source.Shape[0];
            from.Slice(sourceRow * width, rows * width).CopyTo(((TensorBuffer<T>)target).Span[(targetRow * width)..]);
        }

        public override void CopyScalar(TensorBuffer source, TensorBuffer target) => ((TensorBuffer<T>)source).Span.CopyTo(((TensorBuffer<T>)target).Span);

        public override bool AreEqual(TensorBuffer left, TensorBuffer right) => ((TensorBuffer<T>)left).Span.SequenceEqual(((TensorBuffer<T>)right).Span);

        public override int Hash(TensorBuffer buffer)
        {
            var hash = new HashCode();
            foreach (var element in ((TensorBuffer<T>)buffer).Span) hash.Add(element);
            return hash.ToHashCode();
        }
    }
}
