using Mlops.Models;

namespace Mlops.Onnx;

/// <summary>The inputs and outputs of one run. Those that lie in memory of the caller are kept for the next run with the same memory, since making one takes longer than all else around a small model.</summary>
/// <remarks>A kept value is only an address and a shape: nothing reads it before a run whose buffer is at that address and has that shape, whatever has become of the memory meanwhile.</remarks>
/// <param name="library">ONNX Runtime.</param>
/// <param name="count">How many inputs and outputs there are.</param>
internal sealed unsafe class RunValues(OrtLibrary library, int count)
{
    private readonly nint[] _values = new nint[count];
    private readonly Place[] _places = new Place[count];

    /// <summary>Gets the values, 0 where there is none.</summary>
    public ReadOnlySpan<nint> Values => _values;

    /// <summary>Gets or sets where it is kept.</summary>
    public int Slot { get; set; }

    /// <summary>Makes a value stand for a buffer; text is copied.</summary>
    public void Bind(int index, TensorBuffer buffer)
    {
        ref var place = ref _places[index];
        if (place.Address != 0 && place.Address == buffer.Address && place.HasShape(buffer.Shape)) return;
        Clear(index);
        _values[index] = OrtTensors.Create(library, buffer);
        place.Take(buffer);
    }

    /// <summary>Releases a value, or leaves it to ONNX Runtime to make one.</summary>
    public void Clear(int index)
    {
        _places[index].Address = 0;
        if (_values[index] == 0) return;
        library.Api.ReleaseValue(_values[index]);
        _values[index] = 0;
    }

    /// <summary>Releases what ONNX Runtime has made, and copies.</summary>
    public void ClearOwned()
    {
        for (var i = 0; i < _places.Length; i++)
        {
            if (_places[i].Address == 0) Clear(i);
        }
    }

    /// <summary>Releases everything.</summary>
    public void Release()
    {
        for (var i = 0; i < _values.Length; i++) Clear(i);
    }

    /// <summary>Where a value lies, and with which dimensions; the address is 0 where it is not to be kept.</summary>
    private struct Place
    {
        public nint Address;
        private nint _rows;
        private nint _width;
        private nint[]? _shape;

        /// <summary>Nearly all have rows and a width: those are here, and not elsewhere in memory.</summary>
        public readonly bool HasShape(ReadOnlySpan<nint> shape)
            => shape is [var rows, var width] ? rows == _rows && width == _width : _width < 0 && shape.SequenceEqual(_shape);

        public void Take(TensorBuffer buffer)
        {
            var shape = buffer.Shape;
            if (shape is [var rows, var width])
            {
                (_rows, _width) = (rows, width);
            }
            else
            {
                _width = -1;
                if (_shape?.Length != shape.Length) _shape = new nint[shape.Length];
                shape.CopyTo(_shape);
            }

            Address = buffer.Address;
        }
    }
}
