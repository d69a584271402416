using System.Globalization;
using Mlops.Data;

namespace Mlops.Models;

/// <summary>The tensors of one prediction, inputs or outputs, one slot for each <see cref="TensorSpec"/> of the signature.</summary>
/// <remarks>
/// <para>Rent it from the signature (<see cref="ModelSignature.RentInputs"/>), fill it, predict, read the outputs, dispose it.
/// The caller owns it until the prediction has completed and must not touch it meanwhile. Not safe for concurrent use.</para>
/// <para>Whoever uses a disposed batch is told by an <see cref="ObjectDisposedException"/>, but only until somebody rents it again: then it is theirs. So let go
/// of it, best by <c>using</c>.</para>
/// <para>A missing number is NaN in floating-point slots; a missing text is <c>""</c>. Other types cannot be missing.</para>
/// </remarks>
public sealed class TensorBatch : IDisposable
{
    private readonly TensorBuffer[] _buffers;
    private bool _isRented;

    internal TensorBatch(TensorBatchPool pool, TensorSpec[] specs)
    {
        Pool = pool;
        _buffers = new TensorBuffer[specs.Length];
        for (var i = 0; i < specs.Length; i++) _buffers[i] = TensorBuffer.Create(specs[i]);
    }

    /// <summary>Gets the number of rows.</summary>
    public int Rows { get; private set; }

    /// <summary>Gets the number of slots.</summary>
    public int Count => _buffers.Length;

    /// <summary>Gets the pool that it goes back to.</summary>
    internal TensorBatchPool Pool { get; }

    /// <summary>Gets the tensors, whether the batch is rented or not.</summary>
    internal ReadOnlySpan<TensorBuffer> Buffers => _buffers;

    /// <summary>Gets the tensor of a slot.</summary>
    /// <param name="slot">The slot, from 0, in the signature's order.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such slot.</exception>
    /// <exception cref="ObjectDisposedException">The batch has been disposed.</exception>
    public TensorBuffer this[int slot]
    {
        get
        {
            CheckRented();
            return (uint)slot < (uint)_buffers.Length ? _buffers[slot] : throw NoSlot(slot);
        }
    }

    /// <summary>Gets the tensor of a slot.</summary>
    /// <typeparam name="T">The type of its elements.</typeparam>
    /// <param name="slot">The slot, from 0, in the signature's order.</param>
    /// <returns>The tensor.</returns>
    /// <exception cref="InvalidOperationException">The slot holds elements of another type.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such slot.</exception>
    /// <exception cref="ObjectDisposedException">The batch has been disposed.</exception>
    public TensorBuffer<T> Get<T>(int slot) => this[slot] as TensorBuffer<T> ?? throw WrongType<T>(slot);

    /// <summary>Changes the number of rows; the contents are undefined afterwards.</summary>
    /// <param name="rows">The number of rows, ≥ 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A tensor of so many rows would hold more elements than one can.</exception>
    /// <exception cref="ObjectDisposedException">The batch has been disposed.</exception>
    public void SetRows(int rows)
    {
        CheckRented();
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        foreach (var buffer in _buffers) buffer.SetRows(rows);
        Rows = rows;
    }

    /// <summary>Returns the batch to the signature it was rented from.</summary>
    public void Dispose()
    {
        if (!_isRented) return;
        _isRented = false;
        var kept = 0L;
        foreach (var buffer in _buffers) kept += buffer.Release();
        Pool.Return(this, kept);
    }

    internal void Activate(int rows)
    {
        _isRented = true;
        SetRows(rows);
    }

    /// <summary>Tells whether it is of this pool, and only its number of rows was set since: then it has nothing to check, and nearly every batch is such a one.</summary>
    internal bool IsAsRentedFrom(TensorBatchPool pool)
    {
        if (Pool != pool) return false;
        foreach (var buffer in _buffers)
        {
            if (buffer.PlainRows != Rows || !buffer.HasOpenRows) return false;
        }

        return true;
    }

    /// <summary>Refuses a batch that was given back.</summary>
    internal void CheckRented() => ObjectDisposedException.ThrowIf(!_isRented, this);

    private ArgumentOutOfRangeException NoSlot(int slot) => new(
        nameof(slot), slot, $"There is no such slot. The slots are: {string.Join(", ", _buffers.Select((buffer, i) => string.Create(CultureInfo.InvariantCulture, $"{i} {buffer.Spec}")))}.");

    private InvalidOperationException WrongType<T>(int slot) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"Slot {slot} ('{_buffers[slot].Spec.Name}') holds {_buffers[slot].ElementType}, not {ElementTypes.Of<T>()}; ask for the type in the model's signature."));
}
