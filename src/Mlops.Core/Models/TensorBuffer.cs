using System.Globalization;
using System.Runtime.CompilerServices;
using Mlops.Data;

namespace Mlops.Models;

/// <summary>The elements and the current shape of one tensor of a <see cref="TensorBatch"/>.</summary>
/// <remarks>Not safe for concurrent use. Owned by its batch: it must not be used after the batch has been disposed.</remarks>
public abstract class TensorBuffer
{
    private const int InlineRank = 4;
    private readonly nint[] _shape;
    private int _rank;
    private int _plainLength;

    private protected TensorBuffer(TensorSpec spec)
    {
        Spec = spec;
        _shape = new nint[Math.Max(InlineRank, spec.Shape.Count)];
        _rank = spec.Shape.Count;
        HasOpenRows = _rank == 0 || spec.Shape[0] < 0;
    }

    /// <summary>Gets the specification of the slot.</summary>
    public TensorSpec Spec { get; }

    /// <summary>Gets the type of the elements.</summary>
    public abstract ElementType ElementType { get; }

    /// <summary>Gets the current dimensions; the first is the number of rows.</summary>
    public ReadOnlySpan<nint> Shape => _shape.AsSpan(0, _rank);

    /// <summary>Gets the number of elements: the product of <see cref="Shape"/>.</summary>
    public int Length { get; private protected set; }

    /// <summary>Gets the address of the first element, which stays the same until the buffer is resized, borrows memory, or is disposed with its batch; 0 for strings and for an empty buffer that was never filled.</summary>
    public nint Address { get; private protected set; }

    /// <summary>Gets the number of rows where it was set and nothing else of the shape has been since, so that the rest is the specification's; otherwise −1.</summary>
    internal int PlainRows { get; private set; } = -1;

    /// <summary>Gets whether the specification leaves the number of rows open.</summary>
    internal bool HasOpenRows { get; }

    /// <summary>Sets the dimensions, making room for as many elements; the contents are undefined afterwards.</summary>
    /// <param name="shape">The dimensions, each ≥ 0.</param>
    /// <exception cref="ArgumentException">The shape contradicts a dimension that the specification fixes, or is too large.</exception>
    public void Resize(params ReadOnlySpan<nint> shape)
    {
        var length = CheckShape(shape);
        SetShape(shape);
        SetLength(length);
    }

    /// <summary>Takes a shape that was checked; the number of elements is set by the caller.</summary>
    private protected void SetShape(ReadOnlySpan<nint> shape)
    {
        PlainRows = -1;
        shape.CopyTo(_shape); // The specification fixes the rank, so there is room.
        _rank = shape.Length;
    }

    /// <summary>Sets the number of rows; dimensions known only at run time become 0 until <see cref="Resize"/> sets them.</summary>
    /// <param name="rows">The number of rows, ≥ 0.</param>
    internal void SetRows(int rows)
    {
        if (rows == PlainRows)
        {
            Length = _plainLength; // There is room, which was made for the same shape.
            return;
        }

        PlainRows = -1;
        nint length = rows;
        _rank = Spec.Shape.Count;
        if (_rank > 0) _shape[0] = rows;
        else length = 1;
        for (var i = 1; i < _rank; i++)
        {
            _shape[i] = Math.Max(0, Spec.Shape[i]);
            if (_shape[i] > 0 && length > Array.MaxLength / _shape[i])
                throw new ArgumentOutOfRangeException(nameof(rows), rows, string.Create(CultureInfo.InvariantCulture, $"{Spec} would hold more elements than one tensor can ({Array.MaxLength}). Predict fewer rows at once."));
            length *= _shape[i];
        }

        SetLength((int)length);
        (PlainRows, _plainLength) = (rows, Length);
    }

    /// <summary>Sets the number of rows, and what a dimension known only at run time must be so that a row has <paramref name="width"/> elements.</summary>
    /// <exception cref="ArgumentException">There are several such dimensions, or none fits.</exception>
    internal void SetRows(int rows, int width)
    {
        Span<nint> shape = stackalloc nint[Spec.Shape.Count];
        var (open, known) = (0, 1);
        for (var i = 1; i < shape.Length; i++)
        {
            shape[i] = Spec.Shape[i];
            if (shape[i] >= 0) known *= Spec.Shape[i];
            else open = open == 0 ? i : -1;
        }

        if (open < 0 || known == 0 || width % known != 0 || (open == 0 && width != known))
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{width} elements in each row do not say what the dimensions of the input {Spec} are. Resize its tensor, and fill it by hand."), nameof(width));
        if (shape.Length > 0) shape[0] = rows;
        if (open > 0) shape[open] = width / known;
        Resize(shape);
    }

    private protected abstract void SetLength(int length);

    /// <summary>Lets go of what the caller gave and of texts.</summary>
    /// <returns>For how many elements it keeps room.</returns>
    internal abstract int Release();

    private protected int CheckShape(ReadOnlySpan<nint> shape)
    {
        var fixedShape = Spec.Shape;
        if (shape.Length != fixedShape.Count)
            throw new ArgumentException($"'{Spec.Name}' has {fixedShape.Count} dimensions; a shape of {shape.Length} was given.", nameof(shape));
        nint length = 1;
        for (var i = 0; i < shape.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(shape[i], nameof(shape));
            if (i > 0 && fixedShape[i] >= 0 && fixedShape[i] != shape[i])
                throw new ArgumentException($"Dimension {i} of '{Spec.Name}' is {fixedShape[i]}; {shape[i]} was given.", nameof(shape));
            if (shape[i] > 0 && length > Array.MaxLength / shape[i])
                throw new ArgumentException($"'{Spec.Name}' would hold more elements than one tensor can ({Array.MaxLength}).", nameof(shape));
            length *= shape[i];
        }

        return (int)length;
    }

    internal static TensorBuffer Create(TensorSpec spec) => spec.ElementType switch
    {
        ElementType.Boolean => new TensorBuffer<bool>(spec),
        ElementType.Int8 => new TensorBuffer<sbyte>(spec),
        ElementType.Int16 => new TensorBuffer<short>(spec),
        ElementType.Int32 => new TensorBuffer<int>(spec),
        ElementType.Int64 => new TensorBuffer<long>(spec),
        ElementType.UInt8 => new TensorBuffer<byte>(spec),
        ElementType.UInt16 => new TensorBuffer<ushort>(spec),
        ElementType.UInt32 => new TensorBuffer<uint>(spec),
        ElementType.UInt64 => new TensorBuffer<ulong>(spec),
        ElementType.Float16 => new TensorBuffer<Half>(spec),
        ElementType.Float32 => new TensorBuffer<float>(spec),
        ElementType.Float64 => new TensorBuffer<double>(spec),
        ElementType.String => new TensorBuffer<string>(spec),
        _ => throw new ArgumentException($"'{spec.Name}' cannot hold {spec.ElementType}: in tensors a date is Int64 days, a timestamp Float64 seconds, since 1970-01-01.", nameof(spec)),
    };
}

/// <summary>A tensor of <typeparamref name="T"/>.</summary>
/// <typeparam name="T">A primitive number, <see cref="bool"/>, <see cref="Half"/> or <see cref="string"/> (where <c>""</c> stands for a missing value).</typeparam>
public sealed class TensorBuffer<T> : TensorBuffer
{
    private T[] _elements = [];
    private Memory<T> _borrowed;
    private System.Buffers.MemoryHandle _pin;
    private bool _isBorrowed;

    internal TensorBuffer(TensorSpec spec)
        : base(spec)
    {
    }

    /// <inheritdoc/>
    public override ElementType ElementType => ElementTypes.Of<T>();

    /// <summary>Gets the elements, row-major, as many as <see cref="TensorBuffer.Shape"/> says.</summary>
    public Span<T> Span => _isBorrowed ? _borrowed.Span : _elements.AsSpan(0, Length);

    /// <summary>Uses the caller's memory, without a copy, until the batch is disposed or the buffer is resized; it is pinned meanwhile.</summary>
    /// <param name="memory">The elements, row-major. The caller must keep it alive and unchanged during a prediction.</param>
    /// <param name="shape">The dimensions; their product is the length of <paramref name="memory"/>.</param>
    /// <exception cref="ArgumentException">Shape and length do not agree.</exception>
    public void Borrow(Memory<T> memory, params ReadOnlySpan<nint> shape)
    {
        var length = CheckShape(shape);
        if (length != memory.Length)
            throw new ArgumentException($"The shape of '{Spec.Name}' asks for {length} elements; the memory has {memory.Length}.", nameof(shape));

        // First, because it may fail: then the buffer is what it was.
        var pin = RuntimeHelpers.IsReferenceOrContainsReferences<T>() ? default : memory.Pin();
        SetLength(0);
        SetShape(shape);
        Length = length;
        _borrowed = memory;
        _isBorrowed = true;
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>()) return;
        _pin = pin;
        unsafe
        {
            Address = (nint)_pin.Pointer;
        }
    }

    /// <summary>Gets the elements of one row.</summary>
    /// <param name="row">The row, from 0.</param>
    /// <returns>The elements, as many as the dimensions after the first ask for.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    /// <exception cref="InvalidOperationException">The tensor has no dimensions, and so no rows.</exception>
    public Span<T> GetRow(int row)
    {
        if (Shape.IsEmpty) throw new InvalidOperationException($"'{Spec.Name}' is a scalar: it has no rows.");
        var rows = (int)Shape[0];
        if ((uint)row >= (uint)rows) throw new ArgumentOutOfRangeException(nameof(row), row, string.Create(CultureInfo.InvariantCulture, $"'{Spec.Name}' has {rows} rows."));
        var width = Length / rows;
        return Span.Slice(row * width, width);
    }

    /// <summary>Writes the elements of one row.</summary>
    /// <param name="row">The row, from 0.</param>
    /// <param name="values">The elements, exactly as many as a row has.</param>
    /// <exception cref="ArgumentException">There are more or fewer elements than a row has.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    /// <exception cref="InvalidOperationException">The tensor has no dimensions, and so no rows.</exception>
    public void WriteRow(int row, ReadOnlySpan<T> values)
    {
        var target = GetRow(row);
        if (values.Length != target.Length)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"'{Spec.Name}' takes {target.Length} elements in each row; {values.Length} were given for row {row}."), nameof(values));
        values.CopyTo(target);
    }

    internal override int Release()
    {
        // Texts of one caller must neither stay in memory nor be seen by the next one.
        if (!_isBorrowed && RuntimeHelpers.IsReferenceOrContainsReferences<T>()) _elements.AsSpan(0, Length).Clear();
        ReturnBorrowed();
        Length = 0;
        return _elements.Length;
    }

    private protected override void SetLength(int length)
    {
        if (_isBorrowed)
        {
            ReturnBorrowed();
            Length = 0;
        }

        if (length > _elements.Length) Grow(length);
        else if (length < Length && RuntimeHelpers.IsReferenceOrContainsReferences<T>()) _elements.AsSpan(length, Length - length).Clear();
        Length = length;
    }

    private void Grow(int length)
    {
        var capacity = (int)Math.Min(Array.MaxLength, (long)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)length));
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
        {
            _elements = new T[capacity];
            return;
        }

        // The pinned object heap: an address that never moves, and no handle to free.
        _elements = GC.AllocateUninitializedArray<T>(capacity, pinned: true);
        Address = AddressOfOwned();
    }

    private void ReturnBorrowed()
    {
        if (!_isBorrowed) return;
        _pin.Dispose();
        _pin = default;
        _borrowed = default;
        _isBorrowed = false;
        Address = _elements.Length == 0 || RuntimeHelpers.IsReferenceOrContainsReferences<T>() ? 0 : AddressOfOwned();
    }

    private unsafe nint AddressOfOwned()
        => (nint)Unsafe.AsPointer(ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(_elements));
}
