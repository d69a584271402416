using System.Globalization;
using Mlops.Data;

namespace Mlops.Models;

/// <summary>The tensors of one prediction, inputs or outputs, one slot for each <see cref="TensorSpec"/> of the signature.</summary>
/// <remarks>
/// <para>Rent it from the signature (<see cref="ModelSignature.RentInputs"/>), fill it, predict, read the outputs, dispose it.
/// The caller owns it until the prediction has completed and must not touch it meanwhile. Not safe for concurrent use.</para>
/// <para>A missing number is NaN in floating-point slots; a missing text is <c>""</c>. Other types cannot be missing.</para>
/// </remarks>
public sealed class TensorBatch : IDisposable
{
    private readonly TensorBatchPool _pool;
    private readonly TensorBuffer[] _buffers;
    private bool _isRented;

    internal TensorBatch(TensorBatchPool pool, TensorSpec[] specs)
    {
        _pool = pool;
        _buffers = new TensorBuffer[specs.Length];
        for (var i = 0; i < specs.Length; i++) _buffers[i] = TensorBuffer.Create(specs[i]);
    }

    /// <summary>Gets the number of rows.</summary>
    public int Rows { get; private set; }

    /// <summary>Gets the number of slots.</summary>
    public int Count => _buffers.Length;

    /// <summary>Gets the tensor of a slot.</summary>
    /// <param name="slot">The slot, from 0, in the signature's order.</param>
    public TensorBuffer this[int slot]
    {
        get
        {
            ObjectDisposedException.ThrowIf(!_isRented, this);
            return _buffers[slot];
        }
    }

    /// <summary>Gets the tensor of a slot.</summary>
    /// <typeparam name="T">The type of its elements.</typeparam>
    /// <param name="slot">The slot, from 0, in the signature's order.</param>
    /// <returns>The tensor.</returns>
    /// <exception cref="InvalidOperationException">The slot holds elements of another type.</exception>
    public TensorBuffer<T> Get<T>(int slot)
    {
        ObjectDisposedException.ThrowIf(!_isRented, this);
        return _buffers[slot] as TensorBuffer<T> ?? throw WrongType<T>(slot);
    }

    /// <summary>Changes the number of rows; the contents are undefined afterwards.</summary>
    /// <param name="rows">The number of rows, ≥ 0.</param>
    public void SetRows(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        foreach (var buffer in _buffers) buffer.SetRows(rows);
        Rows = rows;
    }

    /// <summary>Returns the batch to the signature it was rented from.</summary>
    public void Dispose()
    {
        if (!_isRented) return;
        _isRented = false;
        foreach (var buffer in _buffers) buffer.Release();
        _pool.Return(this);
    }

    internal void Activate(int rows)
    {
        _isRented = true;
        SetRows(rows);
    }

    private InvalidOperationException WrongType<T>(int slot) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"Slot {slot} ('{_buffers[slot].Spec.Name}') holds {_buffers[slot].ElementType}, not {ElementTypes.Of<T>()}; ask for the type in the model's signature."));
}
