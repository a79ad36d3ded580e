import 'leaflet/dist/leaflet.css'
import * as L from 'leaflet'

export default L
